import { createHash } from 'node:crypto'
import type { Customer } from '@spawnpoint/contracts'

/** Anything may stand in a shop's customer id; a digest fits every column. */
export function keyOf({ id, email }: Customer): string {
  return createHash('sha256')
    .update(id === null ? `email:${email.toLowerCase()}` : `id:${id}`)
    .digest('hex')
}
