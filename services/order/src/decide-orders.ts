import type { AnyEvent } from '@spawnpoint/contracts'
import type { Outcome } from '@spawnpoint/messaging'
import type { Decision, Order } from './order.ts'
import { type Change, lockOrders, saveOrders, type Tx } from './orders.ts'

export type Rules<Heard extends AnyEvent> = {
  hears: (event: AnyEvent) => event is Heard
  orderIdOf: (event: Heard) => string
  /** Null: it says something about an order that is not there yet. */
  decide: (order: Order | undefined, event: Heard) => Decision | null
}

/** Decides each event upon its order as the events before it left it, and saves all of them together. */
export async function decideOrders<Heard extends AnyEvent>(
  tx: Tx,
  { events, now }: { events: AnyEvent[]; now: Date },
  { hears, orderIdOf, decide }: Rules<Heard>,
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>()
  const changes: Change[] = []
  const orders = await lockOrders(tx, [...new Set(events.filter(hears).map(orderIdOf))])
  for (const event of events) outcomes.set(event.id, outcomeOf(event))
  await saveOrders(tx, changes)
  return outcomes

  function outcomeOf(event: AnyEvent): Outcome {
    if (!hears(event)) return { outcome: 'ignored', reason: `${event.type}_not_used` }
    const id = orderIdOf(event)
    const decision = decide(orders.get(id), event)
    if (decision === null) return { outcome: 'parked', waitingFor: waitingFor(id) }
    if (decision.kind === 'ignored') return { outcome: 'ignored', reason: decision.reason }
    orders.set(id, decision.order)
    changes.push({
      order: decision.order,
      event: decision.event,
      cause: event.id,
      note: decision.note,
      at: now,
    })
    if (decision.alarm)
      return { outcome: 'dead', class: decision.alarm, message: `Order ${id}: ${decision.note}` }
    return { outcome: 'done' }
  }
}

// The ids of our orders fit the column as they are.
function waitingFor(orderId: string): string {
  return `order:${orderId.replaceAll(/[^\x20-\x7e]/g, '?')}`.slice(0, 191)
}
