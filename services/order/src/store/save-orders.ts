import type { Envelope, EventData } from '@spawnpoint/contracts'
import { join, raw, type Sql, sql, type Transaction } from '@spawnpoint/database'
import { appendOutbox, newEvent } from '@spawnpoint/messaging'
import type { Applied } from '../rules/order/decision.ts'
import { type Order, orderState } from '../rules/order/order.ts'
import { recordBillingFindings } from './discrepancies.ts'
import { clip, savedColumns, savedValues } from './order-row.ts'
import type { Tx } from './tx.ts'

export type Change = {
  order: Order
  event: 'order.placed' | Applied['event']
  cause: string
  note: string | null
  previousPlan?: string
  findingsChanged?: boolean
  at: Date
}

/** Saves what changed, writes its history and puts its events into the outbox. */
export async function saveOrders(tx: Tx & Transaction, changes: Change[]): Promise<void> {
  if (changes.length === 0) return
  const newest = new Map(changes.map(({ order, at }) => [order.id, { order, at }]))
  await tx.$executeRaw(sql`INSERT INTO orders (id, created_at, ${names})
    VALUES ${join([...newest.values()].map(({ order, at }) => values(order, at)))}
    ON DUPLICATE KEY UPDATE ${newValues},
      alarmed_at = IF(VALUES(status) = 'provisioned', NULL, alarmed_at)`)
  await tx.$executeRaw(
    sql`INSERT INTO order_history (order_id, at, cause, status, billing_status, note) VALUES ${join(changes.map(history))}`,
  )
  await appendOutbox(tx, changes.flatMap(eventOf))
  const found = new Set(changes.filter(({ findingsChanged }) => findingsChanged).map(({ order }) => order.id))
  for (const id of [...found].sort()) {
    const order = newest.get(id)?.order
    if (order) await recordBillingFindings(tx, order)
  }
}

function eventOf({
  order,
  event,
  cause,
  note,
  previousPlan,
  at,
}: Change): Envelope<EventData<'order.paid'>>[] {
  if (event === null) return []
  const { id: subject, version } = order
  const data = { ...orderState(order), note, ...(previousPlan ? { previous_plan: previousPlan } : {}) }
  return [newEvent({ source: 'order', cause, type: event, subject, version, data, time: at })]
}

const names = join(['updated_at', ...savedColumns].map((name) => raw(name)))
const newValues = join(['updated_at', ...savedColumns].map((name) => raw(`${name} = VALUES(${name})`)))

function values(order: Order, at: Date): Sql {
  return sql`(${order.id}, ${at}, ${at}, ${join(savedValues(order))})`
}

function history({ order: { id, status, billing_status }, cause, note, at }: Change) {
  return sql`(${id}, ${at}, ${cause}, ${status}, ${billing_status}, ${clip(note)})`
}
