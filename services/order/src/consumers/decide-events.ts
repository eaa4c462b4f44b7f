import type { AnyEvent } from '@spawnpoint/contracts'
import type { Decide, Outcome } from '@spawnpoint/messaging'
import { decideEvent, isOrderInput, isServer, needsCatalogue } from '../rules/decisions/decide-event.ts'
import { nothingForSale } from '../rules/order/catalogue.ts'
import { readCatalogue } from '../store/catalogue.ts'
import { lockOrders } from '../store/orders.ts'
import { type Change, saveOrders } from '../store/save-orders.ts'
import type { Tx } from '../store/tx.ts'
import { openOrderIds } from './order-ids.ts'

/** Decides each event upon its order as the events before it left it, and saves all of them together. */
export const decideEvents: Decide<Tx> = async (tx, events, now) => {
  const outcomes = new Map<string, Outcome>()
  const changes: Change[] = []
  const inputs = events.filter(isOrderInput)
  const idsOf = await openOrderIds(tx, inputs)
  const orders = await lockOrders(tx, [...new Set(inputs.flatMap(idsOf))])
  const isPlain = !inputs.some((event) => needsCatalogue(orders.get(idOf(idsOf(event))), event))
  const rules = { catalogue: isPlain ? nothingForSale : await readCatalogue(tx), now }
  for (const event of events.toSorted(paymentsFirst)) outcomes.set(event.id, outcomeOf(event))
  await saveOrders(tx, changes)
  return outcomes

  function idOf(ids: string[]): string {
    return ids.find((id) => orders.has(id)) ?? ids[0] ?? ''
  }

  function outcomeOf(event: AnyEvent): Outcome {
    if (!isOrderInput(event)) return { outcome: 'ignored', reason: `${event.type}_not_used` }
    const id = idOf(idsOf(event))
    const decision = decideEvent(orders.get(id), event, { rules, orderId: id })
    if (decision === null) return { outcome: 'parked', waitingFor: waitingFor(id) }
    if (decision.kind === 'ignored') return { outcome: 'ignored', reason: decision.reason }
    const { kind: _, alarm, ...change } = decision
    orders.set(id, decision.order)
    changes.push({ ...change, cause: event.id, at: now })
    if (alarm) return { outcome: 'dead', class: alarm, message: `Order ${id}: ${decision.note}` }
    return { outcome: 'done' }
  }
}

// Of both streams: events of both may have waited for one order.
function paymentsFirst(a: AnyEvent, b: AnyEvent): number {
  return Number(isServer(a)) - Number(isServer(b))
}

// The ids of our orders fit the column as they are.
function waitingFor(orderId: string): string {
  return `order:${orderId.replaceAll(/[^\x20-\x7e]/g, '?')}`.slice(0, 191)
}
