/** What a vendor or a customer wrote, in one line: nothing that a terminal obeys or that turns the line around. */
export function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
}

/** In one line, and not too much of it. */
export function plainText(text: string, maxCharacters = 1_000): string {
  const plain = oneLine(text)
  return plain.length <= maxCharacters ? plain : `${plain.slice(0, maxCharacters - 1).toWellFormed()}…`
}
