const secretName = /pass(word|wd|phrase)|secret|token|api_?key|private_?key|credential/i
// Keys of Pterodactyl (ptla, ptlc) and of Pelican, older and newer (`getPrefixForType` in its app/Models/ApiKey.php), of Stripe
// and of its webhooks.
const secretText = /\b(?:ptl[ac]_|pacc_|papp_|peli_|plcn_|[sr]k_(?:test|live)_|whsec_)\w+/g
const hidden = '[secret]'
const maxCharacters = 64 * 1024

/** As JSON, without what is named like a secret or looks like one; null for nothing. */
export function jsonWithoutSecrets(value: unknown): string | null {
  if (value === null || value === undefined) return null
  const text = JSON.stringify(without(JSON.parse(JSON.stringify(value, readable)), false))
  return text.length <= maxCharacters ? text : JSON.stringify({ too_long: text.length })
}

function readable(_: string, part: unknown): unknown {
  return typeof part === 'bigint' ? String(part) : part
}

/** All texts and numbers below a name of a secret are hidden; whether there is one is not. */
function without(part: unknown, isSecret: boolean): unknown {
  if (Array.isArray(part)) return part.map((one) => without(one, isSecret))
  if (typeof part === 'object' && part !== null)
    return Object.fromEntries(
      Object.entries(part).map(([name, one]) => [name, without(one, isSecret || secretName.test(name))]),
    )
  if (isSecret && (typeof part === 'string' || typeof part === 'number')) return hidden
  return typeof part === 'string' ? part.replace(secretText, hidden) : part
}

/** What may stand in a table and on a terminal: control characters as `%1B`. */
export function plainWithoutSecrets(text: string): string {
  return text.replace(secretText, hidden).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, encodeURIComponent)
}
