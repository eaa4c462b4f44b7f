import { randomBytes } from 'node:crypto'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A fresh id as Stripe writes them: prefix and case-sensitive letters, e.g. `pi_3QkW…`. */
export function newId(prefix: string, length = 24) {
  return `${prefix}_${Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join('')}`
}

export const newSessionId = () => newId('cs_test', 58)
