import { createHash } from 'node:crypto'
import type { OrderRequest } from './order.ts'

/** Tells whether a request with a known Idempotency-Key is the same one. Follows from the order, so that a restored one has it too. */
export function requestHash({ plan, region, customer, server_name, environment }: OrderRequest): string {
  const { id, email, name } = customer
  const canonical = { plan, region, customer: { id, email, name }, server_name, environment }
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex')
}
