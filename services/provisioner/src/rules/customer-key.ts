import { createHash } from 'node:crypto'
import type { Customer } from '@spawnpoint/contracts'
import { asciiEmail } from '@spawnpoint/service-kit'

/** Anything may stand in a shop's customer id; a digest fits every column. */
export function keyOf({ id, email }: Customer): string {
  return createHash('sha256')
    .update(id === null ? `email:${asciiEmail(email).normalize('NFC').toLowerCase()}` : `id:${id}`)
    .digest('hex')
}
