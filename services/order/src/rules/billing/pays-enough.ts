import type { PaymentState, Subscription, SubscriptionItem } from '@spawnpoint/contracts'
import type { Catalogue } from '../order/catalogue.ts'
import type { Order } from '../order/order.ts'
import type { BillingSummary } from './billing-summary.ts'
import { findPlan, planItemOf } from './find-plan.ts'
import { shiftByInterval } from './interval.ts'
import { msOf, periodOf } from './period.ts'

/** Whether the line of the plan, which charges less than the plan costs, is right all the same. */
export function paysEnough(
  order: Order,
  { payments, subscription }: BillingSummary,
  { payment, catalogue }: { payment: PaymentState; catalogue: Catalogue },
): boolean {
  const item = planItemOf(subscription?.items, catalogue)
  if (isOfTrial(payment, subscription?.trial_end ?? null)) return true
  if (coversItsTime(payment, order, { subscription, item })) return true
  // By another Price than the subscription has by now it pays for another plan.
  if (!item || !payment.plan_line || payment.plan_line.price !== item.price) return false
  return coversAccepted(payment, order, payments) || coversPlanOfItsPrice(payment, order, { item, catalogue })
}

// A trial that begins within a paid subscription has an invoice of its own, of nothing; what follows it may take weeks to be paid. A
// trial that is extended has no other.
function isOfTrial({ kind, plan_line: line }: PaymentState, trialEnd: string | null): boolean {
  if (kind !== 'change' || line?.amount !== 0 || !line.start || trialEnd === null) return false
  return trialEnd > line.start
}

type Billed = { subscription: Subscription | null; item: SubscriptionItem | null }

// Where no item names a plan, all together cost what it costs; and the last period may be cut short.
function coversItsTime(payment: PaymentState, { price }: Order, billed: Billed): boolean {
  const { plan_line: line, lines, paid } = payment
  if (!line || paid.currency !== price.currency) return false
  const whole = billed.item === null ? (lines ?? []).filter(({ proration }) => !proration) : []
  const amount = whole.length < 2 ? line.amount : whole.reduce((sum, each) => sum + each.amount, 0)
  return amount >= Math.floor(price.amount * partOf(payment, billed))
}

/**
 * What of a whole period it pays for: Stripe charges for the last one until the subscription ends. Source: the SDK's description of
 * `cancel_at` (docs.stripe.com/api/subscriptions/update).
 */
function partOf(payment: PaymentState, { subscription, item }: Billed): number {
  const period = periodOf(payment)
  const ends = [msOf(subscription?.cancel_at), msOf(subscription?.ended_at)]
  const start = period?.start ?? null
  if (period === null || start === null || !item?.interval || !ends.includes(period.end)) return 1
  return Math.min(1, (period.end - start) / (shiftByInterval(start, item, 1) - start))
}

// The seller has given it another plan than its Price stands for: that is told as such.
function coversPlanOfItsPrice(
  { plan_line: line, paid }: PaymentState,
  order: Order,
  { item, catalogue }: { item: SubscriptionItem; catalogue: Catalogue },
): boolean {
  const plan = findPlan(catalogue, { prices: [item.price], name: item.plan })
  if (!line || plan === null || plan.id === order.plan) return false
  return paid.currency === plan.price.currency && line.amount >= plan.price.amount
}

function coversAccepted({ plan_line: line, paid }: PaymentState, order: Order, payments: PaymentState[]) {
  const accepted = acceptedCharge(order, payments)
  if (!line || accepted === null || line.price !== accepted.price) return false
  return paid.currency === accepted.currency && line.amount >= accepted.amount
}

/**
 * What its first payment was charged by which Price, where that covered the price, whatever stands between them, such as tax on top;
 * or where a person has accepted it. `amount` of all units.
 */
export function acceptedCharge({ payment_id, delivery }: Order, payments: PaymentState[]) {
  const first = payments.find((payment) => payment.payment_id === payment_id)
  const line = first?.plan_line
  if (!first || !line || line.price === null || line.amount <= 0) return null
  const isAccepted = first.in_full === true || delivery.released
  return isAccepted ? { price: line.price, amount: line.amount, currency: first.paid.currency } : null
}
