import type { AnyEvent } from '@spawnpoint/contracts'
import type { Outcome } from '@spawnpoint/messaging'
import { applyServer } from './order.ts'
import { type Change, lockOrders, saveOrders, type Tx } from './orders.ts'

type ServerEvent = Extract<AnyEvent, { type: `server.${string}` }>

/** The provisioner's news: the order shows where its server stands. */
export async function onServer(tx: Tx, events: AnyEvent[], now: Date): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>()
  const changes: Change[] = []
  const news = events.filter(isServer)
  for (const event of events)
    if (!isServer(event)) outcomes.set(event.id, { outcome: 'ignored', reason: `${event.type}_not_used` })
  const orders = await lockOrders(tx, [...new Set(news.map(({ data }) => data.order_id))])
  for (const event of news) {
    const order = orders.get(event.data.order_id)
    if (!order) {
      outcomes.set(event.id, { outcome: 'parked', waitingFor: `order:${event.data.order_id}` })
      continue
    }
    const decision = applyServer(order, event.data)
    if (decision.kind === 'ignored') {
      outcomes.set(event.id, { outcome: 'ignored', reason: decision.reason })
      continue
    }
    orders.set(decision.order.id, decision.order)
    changes.push({ order: decision.order, event: null, cause: event.id, note: decision.note, at: now })
    outcomes.set(event.id, { outcome: 'done' })
  }
  await saveOrders(tx, changes)
  return outcomes
}

function isServer(event: AnyEvent): event is ServerEvent {
  return event.type.startsWith('server.')
}
