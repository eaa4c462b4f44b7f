import type { AnyEvent, OrderState } from '@spawnpoint/contracts'
import { join, sql, type Transaction } from '@spawnpoint/database'
import type { Outcome } from '@spawnpoint/messaging'
import { mainPanel } from '../panel-types/main-panel.ts'
import { followReservations } from '../store/reservations.ts'

/** Each order event carries the whole order: of each order the newest is kept, and says what is wanted of its server. */
export async function onOrder(tx: Transaction, events: AnyEvent[]): Promise<Map<string, Outcome>> {
  const known = await lockVersions(tx, events)
  const newest = new Map<string, OrderState>()
  const outcomes = new Map<string, Outcome>()
  for (const event of events) {
    if (!isOrderEvent(event)) {
      outcomes.set(event.id, { outcome: 'ignored', reason: 'not_an_order' })
      continue
    }
    const order = event.data
    const isOlder = order.version <= (known.get(order.order_id) ?? 0)
    outcomes.set(event.id, isOlder ? { outcome: 'ignored', reason: 'older_version' } : { outcome: 'done' })
    if (isOlder) continue
    known.set(order.order_id, order.version)
    newest.set(order.order_id, order)
  }
  if (newest.size > 0) {
    await saveOrders(tx, [...newest.values()])
    await followReservations(tx, [...newest.values()])
  }
  return outcomes
}

type OrderEvent = Exclude<Extract<AnyEvent, { type: `order.${string}` }>, { type: 'order.differed' }>

function isOrderEvent(event: AnyEvent): event is OrderEvent {
  return event.type.startsWith('order.') && event.type !== 'order.differed'
}

async function lockVersions(tx: Transaction, events: AnyEvent[]): Promise<Map<string, number>> {
  const rows = await tx.$queryRaw<{ order_id: string; order_version: number }[]>(
    sql`SELECT order_id, order_version FROM server
        WHERE order_id IN (${join(events.map(({ subject }) => subject))}) ORDER BY order_id FOR UPDATE`,
  )
  return new Map(rows.map((row) => [row.order_id, row.order_version]))
}

// What failed waits for a person, and what is terminated stays so, whatever else changes of the order. Of what nothing was asked
// or told yet, the panel is its region's.
async function saveOrders(tx: Transaction, orders: OrderState[]): Promise<void> {
  const sorted = orders.toSorted((a, b) => (a.order_id < b.order_id ? -1 : 1))
  const rows = sorted.map(
    (order) =>
      sql`(${order.order_id}, ${order.desired}, ${order.version}, ${JSON.stringify(order)}, 'none',
           COALESCE((SELECT panel_id FROM region WHERE region = ${order.region}), ${mainPanel}),
           IF(${order.desired} <> 'none', UTC_TIMESTAMP(3), NULL), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
  )
  // Left to right: next_attempt_at sees the desired that stood before.
  await tx.$executeRaw(
    sql`INSERT INTO server
          (order_id, desired, order_version, order_state, status, panel_id, next_attempt_at, created_at, updated_at)
        VALUES ${join(rows)}
        ON DUPLICATE KEY UPDATE
          panel_id = IF(generation = 0 AND version = 0, VALUES(panel_id), panel_id),
          next_attempt_at = CASE
            WHEN VALUES(desired) = 'none' OR desired = 'terminated' THEN next_attempt_at
            WHEN desired <> VALUES(desired) THEN UTC_TIMESTAMP(3)
            WHEN status = 'failed' THEN next_attempt_at
            ELSE COALESCE(next_attempt_at, UTC_TIMESTAMP(3)) END,
          desired = IF(desired = 'terminated', desired, VALUES(desired)), order_version = VALUES(order_version), order_state = VALUES(order_state),
          updated_at = VALUES(updated_at)`,
  )
}
