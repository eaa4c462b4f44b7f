import { randomBytes } from 'node:crypto'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A fresh id as Stripe writes them: prefix and case-sensitive letters, e.g. `pi_3QkW…`. */
export function newId(prefix: string, length = 24) {
  if (used + length > pool.length) {
    pool = randomBytes(8192)
    used = 0
  }
  let id = `${prefix}_`
  for (const end = used + length; used < end; used++) id += alphabet[(pool[used] ?? 0) % alphabet.length]
  return id
}

/** Drawn in one piece: a model-based test makes millions of ids. */
let pool = randomBytes(8192)
let used = 0

export const newSessionId = () => newId('cs_test', 58)
