import type { AnyEvent, Payment } from '@spawnpoint/contracts'
import type { Decision, Rules } from '../order/decision.ts'
import type { Order } from '../order/order.ts'
import { applyPayment } from './apply-payment.ts'
import { applyServer, mayChangeMore } from './apply-server.ts'
import { applySubscription } from './apply-subscription.ts'
import { beginOrder } from './begin-order.ts'

export type PaymentEvent = Extract<AnyEvent, { type: `payment.${string}` }>
export type SubscriptionEvent = Extract<AnyEvent, { type: `subscription.${string}` }>
export type ServerEvent = Exclude<Extract<AnyEvent, { type: `server.${string}` }>, { type: 'server.drifted' }>
/** The events that decide about an order. */
export type OrderInput = PaymentEvent | SubscriptionEvent | ServerEvent

/**
 * What an event makes of an order: one that waits for a payment becomes paid, a payment that names a plan and a region begins an
 * order, what follows the first payment decides what becomes of its server, and the server's own state shows in its status.
 * Null: it is about an order that is not there yet.
 */
export function decideEvent(
  order: Order | undefined,
  event: OrderInput,
  { rules, orderId }: { rules: Rules; orderId: string },
): Decision | null {
  if (isPayment(event)) {
    const { data: payment } = event
    if (order) return applyPayment(order, payment, rules)
    const mayBegin = payment.order_id === null && payment.kind === 'first'
    return mayBegin ? beginOrder(orderId, payment, rules) : null
  }
  if (!order) return null
  return isServer(event) ? applyServer(order, event.data, rules) : applySubscription(order, event.data, rules)
}

/** Whether it takes more to decide than the order and the event: the plans and their policies. */
export function needsCatalogue(order: Order | undefined, event: OrderInput): boolean {
  if (isServer(event)) return mayChangeMore(order, event.data)
  return !isPlain(order, event)
}

export function isOrderInput(event: AnyEvent): event is OrderInput {
  return isPayment(event) || isSubscription(event) || isServer(event)
}

export function isPayment(event: AnyEvent): event is PaymentEvent {
  return event.type.startsWith('payment.')
}

function isSubscription(event: AnyEvent): event is SubscriptionEvent {
  return event.type.startsWith('subscription.')
}

export function isServer(event: AnyEvent): event is ServerEvent {
  return event.type.startsWith('server.') && event.type !== 'server.drifted'
}

/** The first money of an order that nothing else is known of. */
function isPlain(order: Order | undefined, event: PaymentEvent | SubscriptionEvent): boolean {
  if (!order) return event.data.order_id !== null
  if (isSubscription(event) || event.data.kind !== 'first') return false
  const isWaiting = order.billing_status === 'unpaid' && order.money.subscription === null
  return isWaiting && order.money.payments.length === 0 && isUncontested(event.data)
}

function isUncontested({ refunded = 0, dispute = null, ...payment }: Payment): boolean {
  const { fraud_warning = null, returned = false, nothing_owed, lines = null } = payment
  const isUsual = !nothing_owed && !returned && lines === null
  return refunded === 0 && dispute === null && fraud_warning === null && isUsual
}
