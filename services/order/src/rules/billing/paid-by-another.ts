import type { BillingFinding, PaymentState, Subscription } from '@spawnpoint/contracts'
import type { Order } from '../order/order.ts'
import type { BillingSummary } from './billing-summary.ts'
import { isFullyRefunded, isOfPeriod, isPaid, periodOf } from './period.ts'
import { hasEnded } from './suspension-reasons.ts'
import { disputeOfAll } from './taken-by-bank.ts'

type Known = Pick<Order, 'money' | 'subscription_id'>

/** Until when another subscription of the order has paid for it, in ms; `unknown`: one goes on whose payments have not arrived. */
export type PaidByAnother = number | 'unknown' | null

/** Subscriptions that name the order, and that it does not go by although they go on. */
export function othersGoingOn(order: Known): Subscription[] {
  return othersAtStripe(order).filter(isGoingOn)
}

/** A server that somebody pays for is not suspended because another subscription of the same order does not. */
export function paidByAnother(order: Known): PaidByAnother {
  const others = othersAtStripe(order)
  if (others.some((other) => isGoingOn(other) && paymentsOf(order, other).length === 0)) return 'unknown'
  const until = Math.max(0, ...others.map((other) => paidUntil(order, other)))
  return until > 0 ? until : null
}

// Its own is not paid, or its money went back: it does not take over by itself, and nothing is deleted meanwhile.
export function paidByAnotherFindings(order: Order, summary: BillingSummary, now: number): BillingFinding[] {
  const { nonPayment, isRefunded, dispute, subscription } = summary
  const isContested = dispute === 'open' || dispute === 'lost'
  if (nonPayment === null && !isRefunded && !isContested && !hasEnded(subscription)) return []
  const others = othersAtStripe(order).filter((other) => isGoingOn(other) || paidUntil(order, other) > now)
  return others.map((other) => {
    const { subscription_id: about, status } = other
    const own = order.subscription_id
    const finding = hasEnded(subscription)
      ? `Subscription ${about} names this order too and is ${status}, and nothing of its first period is paid yet; ${own}, which the order goes by, has ended: its server is not deleted. The order goes by ${about} once that is paid; if it never is, cancel ${about}.`
      : `Subscription ${about} names this order too and is ${status}, and the order goes by ${own}, which does not pay for it: its server is not deleted, and runs while ${about} is paid. Cancel ${own} at Stripe, and the order goes by ${about}; or cancel ${about} and refund it.`
    return { kind: 'paid_and_suspended', about, finding }
  })
}

function othersAtStripe({ money }: Known): Subscription[] {
  const { other_subscriptions: others = [], unknown_subscriptions: unknown = [] } = money
  return others.filter((other) => !hasEnded(other) && !unknown.includes(other.subscription_id))
}

function isGoingOn({ status }: Subscription): boolean {
  return status === 'active' || status === 'trialing'
}

/** In ms; 0: nothing. */
function paidUntil(order: Known, other: Subscription): number {
  return Math.max(
    0,
    ...paymentsOf(order, other)
      .filter(pays)
      .map((payment) => periodOf(payment)?.end ?? 0),
  )
}

function paymentsOf({ money }: Known, { subscription_id: id }: Subscription): PaymentState[] {
  return money.payments.filter(({ subscription_id }) => subscription_id === id)
}

function pays(payment: PaymentState): boolean {
  const dispute = disputeOfAll(payment)
  const isTaken = dispute === 'open' || dispute === 'lost' || isFullyRefunded(payment)
  return isPaid(payment) && isOfPeriod(payment) && payment.paid.amount > 0 && !isTaken
}
