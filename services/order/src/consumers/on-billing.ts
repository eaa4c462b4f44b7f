import type { AnyEvent, Payment } from '@spawnpoint/contracts'
import { type Decide, derivedId } from '@spawnpoint/messaging'
import { applyPayment } from '../rules/decisions/apply-payment.ts'
import { applySubscription } from '../rules/decisions/apply-subscription.ts'
import { beginOrder } from '../rules/decisions/begin-order.ts'
import type { Order } from '../rules/order/order.ts'
import { ordersGoingBy } from '../store/orders.ts'
import type { Tx } from '../store/tx.ts'
import { decideOrders } from './decide-orders.ts'

/**
 * Payments and subscriptions: an order that waits for a payment becomes paid, a payment that names a plan and a region begins
 * an order, and what follows the first payment decides what becomes of its server.
 */
export const onBilling: Decide<Tx> = async (tx, events, now) => {
  const known = await ordersOfSubscriptions(tx, events.filter(isBilling))
  return decideOrders(
    tx,
    { events, now },
    {
      hears: isBilling,
      orderIdsOf: (event) => orderIdsOf(event, known),
      needsCatalogue: (order, event) => !isPlain(order, event),
      decide: (order, event, { rules, orderId }) => {
        if (isSubscription(event)) return order ? applySubscription(order, event.data, rules) : null
        const { data: payment } = event
        if (order) return applyPayment(order, payment, rules)
        const mayBegin = payment.order_id === null && payment.kind === 'first'
        return mayBegin ? beginOrder(orderId, payment, rules) : null
      },
    },
  )
}

type BillingEvent = Extract<AnyEvent, { type: `payment.${string}` | `subscription.${string}` }>
type SubscriptionEvent = Extract<AnyEvent, { type: `subscription.${string}` }>

function isBilling(event: AnyEvent): event is BillingEvent {
  return event.type.startsWith('payment.') || event.type.startsWith('subscription.')
}

function isSubscription(event: BillingEvent): event is SubscriptionEvent {
  return event.type.startsWith('subscription.')
}

/** The first money of an order that nothing else is known of. */
function isPlain(order: Order | undefined, event: BillingEvent): boolean {
  if (!order) return !isOrderless(event)
  if (isSubscription(event) || event.data.kind !== 'first') return false
  const isWaiting = order.billing_status === 'unpaid' && order.money.subscription === null
  return isWaiting && order.money.payments.length === 0 && isUncontested(event.data)
}

function isOrderless({ data }: BillingEvent): boolean {
  return data.order_id === null
}

function isUncontested({ refunded = 0, dispute = null, ...payment }: Payment): boolean {
  const { fraud_warning = null, returned = false, nothing_owed, lines = null } = payment
  const isUsual = !nothing_owed && !returned && lines === null
  return refunded === 0 && dispute === null && fraud_warning === null && isUsual
}

/** Derived from what is paid, so that a repeat begins no second order. What was once named after its session stays so. */
export function orderIdsOf({ data }: Pick<BillingEvent, 'data'>, known: Map<string, string>): string[] {
  if (data.order_id !== null) return [data.order_id]
  if (!('payment_id' in data)) return named(data.subscription_id, known)
  const { payment_id, subscription_id, checkout_session_id: session } = data
  return [
    ...named(subscription_id ?? payment_id, known),
    ...(session && session !== payment_id ? [derivedId(session, 'order')] : []),
  ]
}

function named(id: string, known: Map<string, string>): string[] {
  const own = derivedId(id, 'order')
  const other = known.get(id)
  return other && other !== own ? [other, own] : [own]
}

/** Of subscriptions that name no order and have more to say than their first payment: the orders that go by them. */
async function ordersOfSubscriptions(tx: Tx, events: BillingEvent[]): Promise<Map<string, string>> {
  const later = events.filter((event) => isOrderless(event) && !isFirst(event))
  return ordersGoingBy(tx, [...new Set(later.flatMap(({ data }) => data.subscription_id ?? []))])
}

function isFirst(event: BillingEvent): boolean {
  return !isSubscription(event) && event.data.kind === 'first'
}
