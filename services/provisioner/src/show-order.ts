import { sql, type Transaction } from '@spawnpoint/database'
import type { ShowOrder } from '@spawnpoint/operations'

/** What a dry run compares: what is wanted of an order's server, and whether it will be looked at. */
export const showOrder: ShowOrder<Transaction> = async (tx, id) => {
  const [row] = await tx.$queryRaw<Record<string, unknown>[]>(
    sql`SELECT desired, order_version, status, ptero_identifier, IF(next_attempt_at IS NULL, 'no', 'yes') AS due
        FROM server WHERE order_id = ${id}`,
  )
  return row ?? null
}
