import type { AnyEvent, OrderState } from '@spawnpoint/contracts'
import { placedOrder } from './order.ts'
import { type Change, lockOrders, saveOrders, type Tx } from './orders.ts'
import { requestHash } from './placing/request-hash.ts'

type OrderEvent = Extract<AnyEvent, { type: `order.${string}` }>

/** After a backup was restored: orders as our own events since say they were, each with its history. */
export async function restoreOrders(tx: Tx, events: AnyEvent[]): Promise<void> {
  const said = events.filter(isOrder).toSorted((a, b) => a.sequence - b.sequence)
  const orders = await lockOrders(tx, [...new Set(said.map(({ data }) => data.order_id))])
  const begun: Change[] = []
  const changed: Change[] = []
  for (const event of said) {
    const known = orders.get(event.data.order_id)
    if (known && known.version >= event.data.version) continue
    const change = changeBy(event, { ...(known ?? blank(event.data)), ...stateOf(event.data) })
    orders.set(change.order.id, change.order)
    if (known) changed.push(change)
    else begun.push(change)
  }
  // Apart, so that an order is as old as the event that began it.
  await saveOrders(tx, begun)
  await saveOrders(tx, changed)
  for (const { data, type } of said)
    if (type === 'order.placed')
      await tx.order.updateMany({
        where: { id: data.order_id, requestHash: null },
        data: { requestHash: requestHash(data) },
      })
}

function isOrder(event: AnyEvent): event is OrderEvent {
  return event.type.startsWith('order.')
}

function changeBy(event: OrderEvent, order: Change['order']): Change {
  return {
    order,
    // It is in the stream already.
    event: null,
    cause: event.causationid ?? event.id,
    note: event.data.note ?? null,
    at: new Date(event.time),
  }
}

function stateOf({ order_id: id, note: _, previous_plan: __, ...state }: OrderState) {
  const { payment_version = 0, charge = null, error_message = null } = state
  return { ...state, id, payment_version, charge, error_message }
}

function blank({ order_id: id, price, ...state }: OrderState): Change['order'] {
  const { plan, region, customer, server_name, environment } = state
  return placedOrder(id, { plan, region, customer, server_name, environment }, price)
}
