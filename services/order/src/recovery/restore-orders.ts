import type { AnyEvent, OrderState } from '@spawnpoint/contracts'
import { selectBillingPayment } from '../rules/billing/select-billing-payment.ts'
import { noMoney, type Order, placedOrder } from '../rules/order/order.ts'
import { requestHash } from '../rules/order/request-hash.ts'
import { saveRequest } from '../store/checkouts.ts'
import { ofBefore } from '../store/order-row.ts'
import { lockOrders } from '../store/orders.ts'
import { type Change, saveOrders } from '../store/save-orders.ts'
import type { Tx } from '../store/tx.ts'

type OrderEvent = Exclude<Extract<AnyEvent, { type: `order.${string}` }>, { type: 'order.differed' }>

/** After a backup was restored: orders as our own events since report them, each with its history. */
export async function restoreOrders(tx: Tx, events: AnyEvent[]): Promise<void> {
  const published = events.filter(isOrder).toSorted((a, b) => a.sequence - b.sequence)
  const orders = await lockOrders(tx, [...new Set(published.map(({ data }) => data.order_id))])
  const begun: Change[] = []
  const changed: Change[] = []
  for (const event of published) {
    const known = orders.get(event.data.order_id)
    if (known && known.version >= event.data.version) continue
    const change = changeBy(event, stateOf(event.data, known ?? blank(event.data)))
    orders.set(change.order.id, change.order)
    if (known) changed.push(change)
    else begun.push(change)
  }
  // Apart, so that an order is as old as the event that began it.
  await saveOrders(tx, begun)
  await saveOrders(tx, changed)
  for (const { data, type, causationid } of published)
    if (type === 'order.placed')
      await saveRequest(tx, data.order_id, { requestHash: requestHash(data), placedBy: keyOf(causationid) })
}

// What the API placed was caused by `<key>/<idempotency key>`.
function keyOf(cause: string | undefined): string | null {
  return /^([\w-]{1,63})\//.exec(cause ?? '')?.[1] ?? null
}

function isOrder(event: AnyEvent): event is OrderEvent {
  return event.type.startsWith('order.') && event.type !== 'order.differed'
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

function stateOf({ order_id: id, note: _, previous_plan: __, ...state }: OrderState, known: Order): Order {
  const { payment_version = 0, charge = null, error_message = null, wanted = null } = state
  const { paid_until = null, suspended_at = null, next_plan = null, next_plan_at = null } = state
  const { warning = null, refund_request = null, delivery = known.delivery, money } = state
  const order: Order = {
    ...{ ...known, ...state, id, payment_version, charge, error_message, wanted, paid_until, suspended_at },
    ...{ next_plan, next_plan_at, warning, refund_request, delivery, money: money ?? noMoney },
    ...serverBy(state, known),
  }
  const whole = selectBillingPayment(money ? order : ofBefore(order))
  const isWatched = paid_until !== null || suspended_at !== null || whole.money.subscription !== null
  return { ...whole, money_due_at: isWatched ? new Date(0).toISOString() : null }
}

// The server's own events of that time are not consumed again.
function serverBy({ status, desired, error_message = null }: PublishedStatus, known: Order): Partial<Order> {
  if (desired === 'none') return {}
  if (status === 'error') return { server_status: 'failed', server_error: error_message }
  if (status === 'pending' || status === 'paid' || status === 'cancelled') return {}
  return status === known.server_status ? {} : { server_status: status, server_error: error_message }
}

type PublishedStatus = Pick<OrderState, 'status' | 'desired' | 'error_message'>

function blank({ order_id: id, price, ...state }: OrderState): Order {
  const { plan, region, customer, server_name, environment } = state
  return placedOrder(id, { plan, region, customer, server_name, environment }, price)
}
