import type { PaymentState, Subscription } from '@spawnpoint/contracts'
import type { Order } from '../order/order.ts'
import { type BillingSummary, summarizeBilling } from './billing-summary.ts'
import { isFullyRefunded, isOfPeriod } from './period.ts'
import { keptOf } from './taken-by-bank.ts'

/** The order after its subscription was told to end with its period, because all that pays for the present was refunded. */
export function recordRefundCancellation(order: Order, now: Date): Order {
  const { subscription, present } = summarizeBilling(order, now.getTime())
  if (!subscription || subscription.cancel_at === null) return order
  const { subscription_id, cancel_at, ends_for } = subscription
  const marked = ends_for === 'refund' ? { marked: true } : {}
  const payment_ids = present.filter(isFullyRefunded).map(({ payment_id }) => payment_id)
  return {
    ...order,
    money: { ...order.money, refund_cancellation: { subscription_id, cancel_at, payment_ids, ...marked } },
  }
}

/** Who changed the end of the subscription since then has decided about it, for as long as the money is with the buyer. */
export function withRefundCancellation(
  order: Order,
  { subscription, isRefunded }: Pick<BillingSummary, 'subscription' | 'isRefunded'>,
): Order {
  const { refund_cancellation: ours, ...money } = order.money
  if (ours === undefined || isAsWeLeftIt(ours, subscription)) return order
  const isUndone = subscription?.subscription_id === ours.subscription_id && isGoingOn(subscription)
  if (!isUndone || !isRefunded) return { ...order, money }
  return { ...order, money: { ...money, refund_cancellation: { ...ours, undone: true } } }
}

/** Whether somebody has undone the end that the refund of these payments caused. */
export function isEndUndone({ money }: Order, present: PaymentState[]): boolean {
  const { refund_cancellation: ours } = money
  if (ours?.undone !== true) return false
  return present.filter(isFullyRefunded).every(({ payment_id }) => ours.payment_ids.includes(payment_id))
}

/**
 * The money is the seller's after all: the cancellation that its refund caused is taken back, else a paid server would end with its
 * period. Only while the subscription is as we left it, and no other refund of the same money is on its way. Its mark alone tells
 * so where the service crashed before it had recorded what it asked for.
 */
export function takesBackCancellation({ money, wanted, desired }: Order, present: PaymentState[]): boolean {
  const { refund_cancellation: ours, subscription, payments } = money
  const isOurs = ours === undefined ? isMarked(subscription) : isAsWeLeftIt(ours, subscription)
  if (!isOurs || wanted !== 'running' || desired === 'terminated') return false
  const refunded = payments.filter(({ payment_id }) => ours?.payment_ids.includes(payment_id))
  return (ours === undefined ? present.filter(isOfPeriod) : refunded).some(isKept)
}

type Ours = NonNullable<Order['money']['refund_cancellation']>

function isAsWeLeftIt(
  { subscription_id, cancel_at, marked = false, undone = false }: Ours,
  subscription: Subscription | null,
): boolean {
  if (undone || subscription === null || subscription.subscription_id !== subscription_id) return false
  return marked ? isMarked(subscription) : isGoingOn(subscription) && subscription.cancel_at === cancel_at
}

function isMarked(subscription: Subscription | null): boolean {
  return subscription !== null && isGoingOn(subscription) && subscription.ends_for === 'refund'
}

function isGoingOn({ status }: Subscription): boolean {
  return status === 'active' || status === 'trialing'
}

function isKept(payment: PaymentState): boolean {
  return keptOf(payment) > payment.refund_pending
}
