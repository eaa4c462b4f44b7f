import { sql } from '@spawnpoint/database'
import type { ShowOrder } from '@spawnpoint/operations'
import type { Tx } from './tx.ts'

/** What a dry run compares: the order as its owner and the shop see it. */
export const showOrder: ShowOrder<Tx> = async (tx, id) => {
  const [row] = await tx.$queryRaw<Record<string, unknown>[]>(
    sql`SELECT status, billing_status, desired, version, payment_id, ptero_identifier, address, error_message
        FROM orders WHERE id = ${id}`,
  )
  return row ?? null
}
