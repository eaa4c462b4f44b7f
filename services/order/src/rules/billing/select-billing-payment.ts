import type { PaymentState, Subscription } from '@spawnpoint/contracts'
import type { Order } from '../order/order.ts'
import { hasEnded } from './has-ended.ts'
import { isFullyRefunded, isOfPeriod, isPaid } from './period.ts'

/**
 * The order with the payment and the subscription that it is billed by. It stays with its first payment, unless all of that went
 * back or its subscription has ended or is unknown at Stripe, and another one goes on. Of those, one that covers the price comes
 * first; an order that was accepted also goes by one that began with nothing, a part or another amount: what that is worth is
 * found, and a server that somebody pays for is never deleted for it.
 */
export function selectBillingPayment(order: Order): Order {
  const { payments, set_subscription: set } = order.money
  const chosen = payments.find(({ payment_id }) => payment_id === order.payment_id)
  const ended = endedOf(order)
  const isEnded = ({ subscription_id }: PaymentState) => ended.includes(subscription_id ?? '')
  const isSet = set !== undefined && !ended.includes(set)
  const ofSet = payments.find((payment) => isFirstOf(payment, set))
  const better = isSet ? ofSet : chosen && replacementOf(order, { chosen, isEnded })
  const first = better ?? chosen
  if (!first) return withSubscriptions(order, subscriptionsOf(order))
  const subscription_id = isSet ? set : subscriptionOf(first, order)
  const { payment_id, version: payment_version } = first
  const isReplaced = better !== undefined && better !== chosen && chosen && isEnded(chosen)
  const money = isReplaced ? withFormer(order.money, chosen) : order.money
  const next = { ...order, money, payment_id, payment_version, subscription_id }
  return withSubscriptions(next, subscriptionsOf(order))
}

function replacementOf(
  order: Order,
  { chosen, isEnded }: { chosen: PaymentState; isEnded: (payment: PaymentState) => boolean },
): PaymentState | undefined {
  const { payments } = order.money
  if (!isFullyRefunded(chosen) && !isEnded(chosen)) return undefined
  const candidates = payments
    .filter((payment) => payment !== chosen && isCandidate(payment) && !isEnded(payment))
    .toSorted(byId)
  const whole = candidates.find(({ in_full }) => in_full === true)
  if (whole || order.wanted === null) return whole
  const isOver = isEnded(chosen) || ofSameSubscription(payments, chosen).every(isFullyRefunded)
  if (!isOver) return undefined
  // Whatever was read of its subscription before: a payment of it came in.
  const renewals = payments.filter((payment) => isRenewalOfAnother(payment, chosen) && !isEnded(payment))
  const going = candidates.find(({ subscription_id: id }) => Boolean(id)) ?? renewals.toSorted(byId)[0]
  return going ?? (isEnded(chosen) ? paidAfterAllEnded(order, chosen) : undefined)
}

function isCandidate(payment: PaymentState): boolean {
  return payment.kind === 'first' && payment.status === 'succeeded' && !isFullyRefunded(payment)
}

// Its page works on after its subscription has ended: who pays it then pays for a server, where that reaches further than all before.
function paidAfterAllEnded(order: Order, { subscription_id: id }: PaymentState): PaymentState | undefined {
  const { payments } = order.money
  const until = Math.max(
    ...payments.flatMap((one) =>
      one.subscription_id === id && isPaid(one) ? [timeOf(one.paid_until), timeOf(one.paid_at)] : [],
    ),
  )
  return payments.find((payment) => {
    const own = subscriptionsOf(order).find((one) => one.subscription_id === payment.subscription_id)
    if (own === undefined || own.subscription_id === id || !hasEnded(own)) return false
    const isKept = isPaid(payment) && isOfPeriod(payment) && !isFullyRefunded(payment)
    return isKept && timeOf(payment.paid_until) > until && timeOf(payment.paid_at) > timeOf(own.ended_at)
  })
}

function timeOf(time: string | null | undefined): number {
  return time ? Date.parse(time) : 0
}

// Its first invoice may be void, or never have been paid.
function isRenewalOfAnother(payment: PaymentState, { subscription_id: own }: PaymentState): boolean {
  const { kind, subscription_id: id } = payment
  return kind === 'renewal' && Boolean(id) && id !== own && isPaid(payment) && !isFullyRefunded(payment)
}

// A later period of it may be paid although the first was refunded.
function ofSameSubscription(payments: PaymentState[], { subscription_id: id }: PaymentState): PaymentState[] {
  return payments.filter(
    ({ subscription_id, status, kind }) =>
      subscription_id === id && status === 'succeeded' && kind !== 'change',
  )
}

function endedOf(order: Order): string[] {
  const { unknown_subscriptions: unknown = [] } = order.money
  return [
    ...subscriptionsOf(order).flatMap((one) => (hasEnded(one) ? [one.subscription_id] : [])),
    ...unknown,
  ]
}

function isFirstOf({ kind, status, subscription_id }: PaymentState, set: string | undefined): boolean {
  return kind === 'first' && status === 'succeeded' && set !== undefined && subscription_id === set
}

function subscriptionOf({ subscription_id }: PaymentState, order: Order): string | null {
  if (subscription_id !== undefined) return subscription_id
  const { payments } = order.money
  return order.subscription_id ?? subscriptionsOf(order)[0]?.subscription_id ?? ofRenewal(payments)
}

function withFormer(money: Order['money'], { payment_id }: PaymentState): Order['money'] {
  return { ...money, former_payments: [...new Set([...(money.former_payments ?? []), payment_id])].sort() }
}

export function subscriptionsOf({ money }: Order): Subscription[] {
  return [...(money.subscription ? [money.subscription] : []), ...(money.other_subscriptions ?? [])]
}

export function withSubscriptions(order: Order, all: Subscription[]): Order {
  const inOrder = all.toSorted((a, b) => (a.subscription_id < b.subscription_id ? -1 : 1))
  const isWaiting = order.billing_status === 'unpaid' && order.subscription_id === null
  const own = inOrder.find(({ subscription_id }) => isWaiting || subscription_id === order.subscription_id)
  const { other_subscriptions: _, ...money } = order.money
  const others = inOrder.filter((one) => one !== own)
  return {
    ...order,
    money: {
      ...money,
      subscription: own ?? null,
      ...(others.length > 0 ? { other_subscriptions: others } : {}),
    },
  }
}

function ofRenewal(payments: PaymentState[]): string | null {
  return payments.find(({ subscription_id }) => subscription_id)?.subscription_id ?? null
}

function byId(a: PaymentState, b: PaymentState): number {
  return a.payment_id < b.payment_id ? -1 : 1
}
