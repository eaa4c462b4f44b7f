import { createHash } from 'node:crypto'
import type { Customer } from '@spawnpoint/contracts'
import { asciiEmail } from '@spawnpoint/service-kit'

/** A shop's customer id may be any text; a digest fits every column. */
export function keyOf({ id, email }: Customer): string {
  return createHash('sha256')
    .update(id === null ? `email:${asciiEmail(email).normalize('NFC').toLowerCase()}` : `id:${id}`)
    .digest('hex')
}

export function isSameEmail(one: string, other: string): boolean {
  const [a, b] = [one, other].map((email) => asciiEmail(email).normalize('NFC').toLowerCase())
  return a === b
}

/** Whether the address has one form only: its domain is in ASCII. */
export function isAsciiEmail(email: string): boolean {
  return asciiEmail(email) === email
}
