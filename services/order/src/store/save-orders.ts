import type { Envelope, EventData } from '@spawnpoint/contracts'
import { join, type Sql, sql, type Transaction } from '@spawnpoint/database'
import { appendOutbox, newEvent } from '@spawnpoint/messaging'
import type { Applied } from '../rules/order/decision.ts'
import { type Order, orderState } from '../rules/order/order.ts'
import { recordBillingFindings } from './discrepancies.ts'
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

type Kept = { column: Sql; value: (order: Order, at: Date) => Value }
type Value = string | number | Date | null

const kept: Kept[] = [
  { column: sql`status`, value: ({ status }) => status },
  { column: sql`ptero_server_id`, value: ({ ptero_server_id }) => ptero_server_id },
  { column: sql`ptero_identifier`, value: ({ ptero_identifier }) => ptero_identifier },
  { column: sql`error_message`, value: ({ error_message }) => clip(error_message) },
  { column: sql`updated_at`, value: (_, at) => at },
  { column: sql`billing_status`, value: ({ billing_status }) => billing_status },
  { column: sql`paid_until`, value: ({ paid_until }) => time(paid_until) },
  { column: sql`desired`, value: ({ desired }) => desired },
  { column: sql`version`, value: ({ version }) => version },
  { column: sql`plan`, value: ({ plan }) => plan },
  { column: sql`region`, value: ({ region }) => region },
  { column: sql`customer_id`, value: ({ customer }) => customer.id },
  { column: sql`customer_email`, value: ({ customer }) => customer.email },
  { column: sql`customer_name`, value: ({ customer }) => customer.name },
  { column: sql`server_name`, value: ({ server_name }) => server_name },
  { column: sql`environment`, value: ({ environment }) => JSON.stringify(environment) },
  { column: sql`amount`, value: ({ price }) => price.amount },
  { column: sql`currency`, value: ({ price }) => price.currency },
  { column: sql`payment_id`, value: ({ payment_id }) => payment_id },
  { column: sql`payment_version`, value: ({ payment_version }) => payment_version },
  { column: sql`charge`, value: ({ charge }) => json(charge) },
  { column: sql`subscription_id`, value: ({ subscription_id }) => subscription_id },
  { column: sql`money`, value: ({ money }) => json(money) },
  { column: sql`wanted`, value: ({ wanted }) => wanted },
  { column: sql`suspended_at`, value: ({ suspended_at }) => time(suspended_at) },
  { column: sql`next_plan`, value: ({ next_plan }) => next_plan },
  { column: sql`next_plan_at`, value: ({ next_plan_at }) => time(next_plan_at) },
  { column: sql`warning`, value: ({ warning }) => json(warning) },
  { column: sql`refund_request`, value: ({ refund_request }) => json(refund_request) },
  { column: sql`delivery`, value: ({ delivery }) => json(delivery) },
  { column: sql`money_due_at`, value: ({ money_due_at }) => time(money_due_at) },
  { column: sql`server_version`, value: ({ server_version }) => server_version },
  { column: sql`server_status`, value: ({ server_status }) => server_status },
  { column: sql`server_error`, value: ({ server_error }) => clip(server_error) },
  { column: sql`address`, value: ({ address }) => address },
]

const names = join(kept.map(({ column }) => column))
const newValues = join(kept.map(({ column }) => sql`${column} = VALUES(${column})`))

function values(order: Order, at: Date): Sql {
  return sql`(${order.id}, ${at}, ${join(kept.map(({ value }) => value(order, at)))})`
}

function history({ order: { id, status, billing_status }, cause, note, at }: Change) {
  return sql`(${id}, ${at}, ${cause}, ${status}, ${billing_status}, ${clip(note)})`
}

function clip(message: string | null): string | null {
  return message?.slice(0, 1000) ?? null
}

function json(value: object | null): string | null {
  return value && JSON.stringify(value)
}

function time(iso: string | null): Date | null {
  return iso === null ? null : new Date(iso)
}
