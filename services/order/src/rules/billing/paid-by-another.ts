import type { PaymentState, Subscription } from '@spawnpoint/contracts'
import type { Order } from '../order/order.ts'
import { hasEnded } from './has-ended.ts'
import { isFullyRefunded, isOfPeriod, isPaid, periodOf } from './period.ts'
import { disputeOfAll } from './taken-by-bank.ts'

type Known = Pick<Order, 'money' | 'subscription_id'>

/**
 * Until when another subscription of the order has paid for it, in ms; `unknown`: one goes on whose payments have not arrived, or whose
 * money nobody collects.
 */
export type PaidByAnother = number | 'unknown' | null

/** Subscriptions that name the order, and that it does not go by although they go on. */
export function othersGoingOn(order: Known): Subscription[] {
  return othersAtStripe(order).filter(isGoingOn)
}

/** A server that somebody pays for is not suspended because another subscription of the same order does not. */
export function paidByAnother(order: Known): PaidByAnother {
  const others = othersAtStripe(order)
  if (others.some((other) => isUncollected(other) || isUnread(order, other))) return 'unknown'
  const until = Math.max(0, ...others.map((other) => paidUntilBy(order, other)))
  return until > 0 ? until : null
}

/** Those that have not ended, whether or not they are paid. */
export function othersAtStripe({ money }: Known): Subscription[] {
  const { other_subscriptions: others = [], unknown_subscriptions: unknown = [] } = money
  return others.filter((other) => !hasEnded(other) && !unknown.includes(other.subscription_id))
}

// While its seller collects nothing, no status says that it is not paid.
export function isGoingOn(other: Subscription): boolean {
  return other.status === 'active' || other.status === 'trialing' || isUncollected(other)
}

function isUncollected({ pause_collection }: Subscription): boolean {
  return pause_collection != null
}

function isUnread(order: Known, other: Subscription): boolean {
  return isGoingOn(other) && paymentsOf(order, other).length === 0
}

/** Until when one has paid, in ms; 0: never. */
export function paidUntilBy(order: Known, other: Subscription): number {
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
