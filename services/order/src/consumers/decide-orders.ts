import type { AnyEvent } from '@spawnpoint/contracts'
import type { Outcome } from '@spawnpoint/messaging'
import { nothingForSale } from '../rules/order/catalogue.ts'
import type { Decision, Rules } from '../rules/order/decision.ts'
import type { Order } from '../rules/order/order.ts'
import { readCatalogue } from '../store/catalogue.ts'
import { lockOrders } from '../store/orders.ts'
import { type Change, saveOrders } from '../store/save-orders.ts'
import type { Tx } from '../store/tx.ts'

export type Deciding<Heard extends AnyEvent> = {
  hears: (event: AnyEvent) => event is Heard
  /** The orders that it may be about, the first of those that there are; the first of all when there is none yet. */
  orderIdsOf: (event: Heard) => string[]
  /** Whether it takes more to decide than the order and the event. */
  needsCatalogue: (order: Order | undefined, event: Heard) => boolean
  /** Null: it says something about an order that is not there yet. */
  decide: (
    order: Order | undefined,
    event: Heard,
    context: { rules: Rules; orderId: string },
  ) => Decision | null
}

/** Decides each event upon its order as the events before it left it, and saves all of them together. */
export async function decideOrders<Heard extends AnyEvent>(
  tx: Tx,
  { events, now }: { events: AnyEvent[]; now: Date },
  { hears, orderIdsOf, needsCatalogue, decide }: Deciding<Heard>,
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>()
  const changes: Change[] = []
  const heard = events.filter(hears)
  const orders = await lockOrders(tx, [...new Set(heard.flatMap(orderIdsOf))])
  const isPlain = !heard.some((event) => needsCatalogue(orders.get(idOf(event)), event))
  const rules = { catalogue: isPlain ? nothingForSale : await readCatalogue(tx), now }
  for (const event of events) outcomes.set(event.id, outcomeOf(event))
  await saveOrders(tx, changes)
  return outcomes

  function idOf(event: Heard): string {
    const ids = orderIdsOf(event)
    return ids.find((id) => orders.has(id)) ?? ids[0] ?? ''
  }

  function outcomeOf(event: AnyEvent): Outcome {
    if (!hears(event)) return { outcome: 'ignored', reason: `${event.type}_not_used` }
    const id = idOf(event)
    const decision = decide(orders.get(id), event, { rules, orderId: id })
    if (decision === null) return { outcome: 'parked', waitingFor: waitingFor(id) }
    if (decision.kind === 'ignored') return { outcome: 'ignored', reason: decision.reason }
    const { kind: _, alarm, ...change } = decision
    orders.set(id, decision.order)
    changes.push({ ...change, cause: event.id, at: now })
    if (alarm) return { outcome: 'dead', class: alarm, message: `Order ${id}: ${decision.note}` }
    return { outcome: 'done' }
  }
}

// The ids of our orders fit the column as they are.
function waitingFor(orderId: string): string {
  return `order:${orderId.replaceAll(/[^\x20-\x7e]/g, '?')}`.slice(0, 191)
}
