import { join, sql, type Transaction } from '@spawnpoint/database'

export type QueuePosition = {
  order_id: string
  panel_id: string
  waits_for: 'panel' | 'capacity'
  position: number
}

/** The positions of those of these orders that are paid and not on a panel: among those that are due on its panel, or in its region's queue. */
export async function queuePositions(db: Transaction, orderIds: string[]): Promise<QueuePosition[]> {
  if (orderIds.length === 0) return []
  const rows = await db.$queryRaw<Row[]>(
    sql`SELECT own.order_id, own.panel_id, own.next_attempt_at IS NULL AS is_parked,
          (SELECT COUNT(*) FROM server AS other
            WHERE other.panel_id = own.panel_id AND other.desired = 'running' AND other.ptero_server_id IS NULL
              AND (other.next_attempt_at < own.next_attempt_at
                   OR (other.next_attempt_at = own.next_attempt_at AND other.order_id < own.order_id))) AS before_it,
          (SELECT COUNT(*) FROM waiting JOIN waiting AS other ON other.region = waiting.region AND other.seq < waiting.seq
            WHERE waiting.order_id = own.order_id) AS before_in_region,
          EXISTS (SELECT 1 FROM waiting WHERE waiting.order_id = own.order_id) AS is_waiting
        FROM server AS own
        WHERE own.order_id IN (${join(orderIds)}) AND own.desired = 'running' AND own.ptero_server_id IS NULL`,
  )
  return rows.flatMap<QueuePosition>(
    ({ order_id, panel_id, is_parked, before_it, before_in_region, is_waiting }) => {
      if (Number(is_parked) === 0)
        return [{ order_id, panel_id, waits_for: 'panel', position: Number(before_it) + 1 }]
      if (Number(is_waiting) === 1)
        return [{ order_id, panel_id, waits_for: 'capacity', position: Number(before_in_region) + 1 }]
      return []
    },
  )
}

type Count = bigint | number
type Row = {
  order_id: string
  panel_id: string
  is_parked: Count
  before_it: Count
  before_in_region: Count
  is_waiting: Count
}
