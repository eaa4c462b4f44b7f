import type { Envelope, EventData } from '@spawnpoint/contracts'
import type { Transaction } from '@spawnpoint/database'
import { appendOutbox, newEvent } from '@spawnpoint/messaging'
import type { Applied } from '../rules/order/decision.ts'
import { type Order, orderState } from '../rules/order/order.ts'
import { recordBillingFindings } from './discrepancies.ts'
import { insertHistory, upsertOrders } from './inline-statements.ts'
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
  await tx.$executeRaw(upsertOrders([...newest.values()]))
  await tx.$executeRaw(insertHistory(changes))
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
