/** What a vendor or a customer wrote, in one line: nothing that a terminal obeys or that turns the line around, and not too much of it. */
export function plainText(text: string, maxCharacters = 1_000): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  return plain.length <= maxCharacters ? plain : `${plain.slice(0, maxCharacters - 1).toWellFormed()}…`
}
