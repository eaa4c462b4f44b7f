const secretName = /passw|secret|token|api_?key|private_?key|credential/i
// Panel, Stripe and webhook keys.
const secretText = /\b(?:ptl[ac]_|pap[pc]_|peli_|[sr]k_(?:test|live)_|whsec_)\w+/g
const hidden = '[secret]'
const maxCharacters = 64 * 1024

/** As JSON, without what is named or looks like a secret; null for nothing. */
export function jsonWithoutSecrets(value: unknown): string | null {
  if (value === null || value === undefined) return null
  const text = JSON.stringify(value, (name, part) => {
    if (typeof part === 'bigint') return Number(part)
    if (typeof part !== 'string') return part
    return secretName.test(name) ? hidden : textWithoutSecrets(part)
  })
  return text.length <= maxCharacters ? text : JSON.stringify({ too_long: text.length })
}

export function textWithoutSecrets(text: string): string {
  return text.replace(secretText, hidden)
}
