import type { AnyEvent, OrderState } from '@spawnpoint/contracts'
import type { Outcome } from '@spawnpoint/messaging'
import { updateReservations } from '../store/reservations.ts'
import { lockVersions, saveOrders } from '../store/servers.ts'
import type { Tx } from '../store/tx.ts'

/** Each order event carries the whole order: the newest of each order is stored, with the desired state of its server. */
export async function onOrder(tx: Tx, events: AnyEvent[]): Promise<Map<string, Outcome>> {
  const known = await lockVersions(
    tx,
    events.map(({ subject }) => subject),
  )
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
    await updateReservations(tx, [...newest.values()])
  }
  return outcomes
}

type OrderEvent = Exclude<Extract<AnyEvent, { type: `order.${string}` }>, { type: 'order.differed' }>

function isOrderEvent(event: AnyEvent): event is OrderEvent {
  return event.type.startsWith('order.') && event.type !== 'order.differed'
}
