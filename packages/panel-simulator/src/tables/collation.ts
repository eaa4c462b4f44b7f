/** Equal to utf8mb4_unicode_ci: upper and lower case, accents and trailing blanks make no difference. */
export function sameText(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && (a === b || collate(a) === collate(b))
}

/** Whether text holds a part, as the panel's `LIKE '%…%'` filters find it. */
export function holdsText(text: string | null, part: string): boolean {
  return text !== null && collate(text).includes(collate(part))
}

// Every check of a unique key compares with every row, so a text is folded once and remembered.
const remembered = new Map<string, string>()

function collate(text: string): string {
  const known = remembered.get(text)
  if (known !== undefined) return known
  if (remembered.size > 100_000) remembered.clear()
  const folded = fold(text)
  remembered.set(text, folded)
  return folded
}

function fold(text: string): string {
  const folded = /^[\x20-\x7e]*$/.test(text) ? text : text.normalize('NFD').replace(/\p{M}/gu, '')
  return folded.toLowerCase().trimEnd()
}
