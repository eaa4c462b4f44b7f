import type { Money, PaymentState, SubscriptionItem } from '@spawnpoint/contracts'
import type { Catalogue, Plan } from '../order/catalogue.ts'
import type { Order } from '../order/order.ts'
import { inMs, type Policy } from '../order/policy.ts'
import type { BillingSummary } from './billing-summary.ts'
import { isListed, planItemOf } from './find-plan.ts'
import { isOnTrial } from './non-payment.ts'
import { paysEnough } from './pays-enough.ts'
import { msOf, periodOf } from './period.ts'

type Rules = { plan: Plan | undefined; catalogue: Catalogue; now: number }
type CheapPeriod = {
  payment: PaymentState
  charged: Money
  item: SubscriptionItem | null
  /** The subscription has another Price by now. */
  isOfAnotherPrice: boolean
}
export type UnchargedChange = CheapPeriod & { subscription_id: string; price: string; until: string }

/**
 * What pays for the present period and charges less for it than the plan costs. A period is worth the plan of its own Price. Where
 * the subscription has another Price by now, the plan changed within the period, and the invoices of the change have to pay for the
 * difference.
 */
export function cheapPeriods(
  order: Order,
  summary: BillingSummary,
  { plan, catalogue, now }: Rules,
): CheapPeriod[] {
  const { present, subscription } = summary
  // The invoice of a trial costs nothing.
  if (subscription && isOnTrial(subscription, now)) return []
  const item = planItemOf(subscription?.items, catalogue)
  return present.flatMap((payment) => {
    const { plan_line: line, kind } = payment
    const isPart = line?.proration && kind === 'first'
    const isAsListed = plan && line && isListed(plan, line.price) && line.quantity > 0
    if (!line || isPart || isAsListed) return []
    if (paysEnough(order, summary, { payment, catalogue })) return []
    const charged = { amount: Math.max(0, line.amount), currency: payment.paid.currency }
    if (coversPrice(charged, order.price) || (plan && coversPrice(charged, plan.price))) return []
    const isOther = line.price != null && item?.price != null && line.price !== item.price
    return [
      { payment, charged, item, isOfAnotherPrice: isOther && charged.currency === order.price.currency },
    ]
  })
}

/** Changes of plan within the present period that no invoice charges. */
export function unchargedChanges(order: Order, summary: BillingSummary, rules: Rules): UnchargedChange[] {
  const { subscription, payments } = summary
  if (!subscription) return []
  const { subscription_id } = subscription
  return cheapPeriods(order, summary, rules).flatMap((period) => {
    const { payment, item, isOfAnotherPrice } = period
    const { paid_until: until } = payment
    if (!isOfAnotherPrice || !item?.price || until === null) return []
    const isCharged = (one: PaymentState) => isOpenChange(one) || paysFor(one, period, order.price)
    return payments.some(isCharged) ? [] : [{ ...period, subscription_id, price: item.price, until }]
  })
}

/** What Stripe reported of it when it was asked; null where it was not yet. */
export function lookupOf({ money }: Order, { price, until }: UnchargedChange) {
  const { change_lookup: known } = money
  return known && known.price === price && known.until === until ? known : null
}

/** From when on an open invoice of a change is reported, in ms: after the same grace that a renewal has; null for any other. */
export function toldFrom(payment: PaymentState, policy: Policy): number | null {
  if (!isOpenChange(payment)) return null
  if (payment.invoice_status === 'uncollectible') return 0
  const since = msOf(payment.due_at) ?? msOf(payment.prorated_from) ?? msOf(payment.paid_from)
  return since === null ? 0 : since + inMs(policy.grace_days)
}

function isOpenChange(payment: PaymentState): boolean {
  return payment.kind === 'change' && isUnpaid(payment) && payment.paid.amount > 0
}

/** Of `now`: also one that was sent and is overdue. */
export function isUnpaid({ status, invoice_status, due_at }: PaymentState, now = 0): boolean {
  const isOpen = invoice_status === 'open' || invoice_status === 'uncollectible'
  return isOpen && (status === 'failed' || (status === 'pending' && (msOf(due_at) ?? now) < now))
}

// Refunded or disputed it is told as that.
function paysFor(change: PaymentState, { payment, charged, item }: CheapPeriod, price: Money): boolean {
  const { kind, status, prorated_until: until, prorated_prices: prices, paid, paid_at } = change
  if (kind !== 'change' || status !== 'succeeded' || periodOf(change) !== null) return false
  // What Stripe charges for the rest of the period is the difference.
  if (until != null)
    return (
      until === payment.paid_until &&
      (!prices || prices.includes(item?.price ?? null) || prices.includes(null))
    )
  // The lines of an invoice made by hand do not say what for: it has to pay for the time that was left.
  const period = periodOf(payment)
  if (period === null || period.start === null || paid.currency !== price.currency) return false
  const at = msOf(paid_at) ?? period.start
  const left = (period.end - Math.max(at, period.start)) / (period.end - period.start)
  return at >= period.start && paid.amount >= Math.floor((price.amount - charged.amount) * left)
}

function coversPrice(charged: Money, price: Money): boolean {
  return charged.currency === price.currency && charged.amount >= price.amount
}
