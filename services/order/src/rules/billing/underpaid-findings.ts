import type { BillingFinding, Money, PaymentState, SubscriptionItem } from '@spawnpoint/contracts'
import type { Catalogue, Plan } from '../order/catalogue.ts'
import { formatMoney } from '../order/format-money.ts'
import type { Order } from '../order/order.ts'
import type { BillingSummary } from './billing-summary.ts'
import { isListed, planItemOf } from './find-plan.ts'
import { isOnTrial } from './non-payment.ts'
import { paysEnough } from './pays-enough.ts'
import { isBeyond, isOfPeriod, msOf, periodOf } from './period.ts'

type Rules = { plan: Plan | undefined; catalogue: Catalogue; now: number }

/** How long an unpaid invoice of a period that is over is reported, from its end on. */
const unpaidShownMs = 180 * 86_400_000

/** Who pays less than the plan costs: by a renewal, by a change of plan, or by leaving out a period. */
export function underpaidFindings(order: Order, summary: BillingSummary, rules: Rules): BillingFinding[] {
  return [
    ...paidTooLittle(order, summary, rules),
    ...unpaidChanges(order, summary),
    ...unpaidPeriods(summary, rules.now),
  ]
}

// A period is worth the plan of its own Price. Where the subscription has another Price by now, the plan changed within the period,
// and the invoices of the change have to pay for the difference.
function paidTooLittle(
  order: Order,
  summary: BillingSummary,
  { plan, catalogue, now }: Rules,
): BillingFinding[] {
  const { present, subscription } = summary
  // The invoice of a trial costs nothing.
  if (subscription && isOnTrial(subscription, now)) return []
  const item = planItemOf(subscription?.items, catalogue)
  return present.flatMap((payment) => {
    const { plan_line: line, kind } = payment
    const isAsListed = plan && line && isListed(plan, line.price) && line.quantity > 0
    const isPart = line?.proration && kind === 'first'
    if (!line || isPart || isAsListed || paysEnough(order, summary, { payment, catalogue })) return []
    const charged = { amount: Math.max(0, line.amount), currency: payment.paid.currency }
    if (coversPrice(charged, order.price) || (plan && coversPrice(charged, plan.price))) return []
    const isComparable = charged.currency === order.price.currency
    if (isComparable && isOfAnotherPrice(payment, item))
      return changedWithin(order, summary, { payment, charged, item })
    // A first payment is compared when it comes in: what covers no price is held, and a person may accept it.
    return kind === 'first' ? [] : cheapRenewal(order, payment, charged)
  })
}

function cheapRenewal(
  { price }: Order,
  { payment_id: about }: PaymentState,
  charged: Money,
): BillingFinding[] {
  const finding = `Renewal ${about} charges ${formatMoney(charged)} for the plan, which costs ${formatMoney(price)}.`
  // Whether another currency is less is for a person to say.
  if (charged.currency !== price.currency) return [{ kind: 'plan_price_mismatch', about, finding }]
  return [{ kind: 'underpaid', about, finding, settled_by: 'accept_price' }]
}

type Changed = { payment: PaymentState; charged: Money; item: SubscriptionItem | null }

function changedWithin(
  { price }: Order,
  { payments, subscription }: BillingSummary,
  { payment, charged, item }: Changed,
): BillingFinding[] {
  const isCharged = (change: PaymentState) =>
    isOpenChange(change) || paysForChange(change, { payment, charged, item }, price)
  if (!subscription || payments.some(isCharged)) return []
  const until = payment.paid_until?.slice(0, 10) ?? 'its end'
  const finding = `Its plan changed within the period until ${until}, of which ${payment.payment_id} charges ${formatMoney(charged)}; it costs ${formatMoney(price)} now, and no invoice has charged the difference. Where the next invoice is to charge it (pending prorations), this is over then; else invoice it, or change the plan back.`
  return [{ kind: 'underpaid', about: subscription.subscription_id, finding }]
}

function isOfAnotherPrice({ plan_line: line }: PaymentState, item: SubscriptionItem | null): boolean {
  const now = item?.price ?? null
  return now !== null && line?.price != null && line.price !== now
}

// Refunded or disputed it is told as that.
function paysForChange(change: PaymentState, { payment, charged, item }: Changed, price: Money): boolean {
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

// Stripe changes the plan before the invoice of the change is paid, and serves an add-on whose own invoice is not.
function unpaidChanges({ price }: Order, { payments }: BillingSummary): BillingFinding[] {
  return payments.flatMap((payment) => {
    const { kind, paid, payment_id: about } = payment
    const isAddOn = kind === 'renewal' && !isOfPeriod(payment) && isUnpaid(payment) && paid.amount > 0
    if (!isOpenChange(payment) && !isAddOn) return []
    const what = kind === 'change' ? 'a change of plan' : 'an add-on'
    const finding = `Invoice ${about} of ${what} (${formatMoney(paid)}) is not paid; the plan costs ${formatMoney(price)}.`
    return [{ kind: 'underpaid', about, finding }]
  })
}

// Stripe makes a subscription active again once its newest invoice is paid: an older one stays open, or is given up.
// Source: docs.stripe.com/billing/subscriptions/overview (`past_due`).
function unpaidPeriods({ payments, paid: present }: BillingSummary, now: number): BillingFinding[] {
  return payments.flatMap((payment) => {
    const { kind, paid, payment_id: about } = payment
    const period = periodOf(payment)
    if (kind !== 'renewal' || period === null || paid.amount === 0 || period.end + unpaidShownMs < now)
      return []
    if (!isUnpaid(payment, now) || isBeyond(payment, present)) return []
    const end = new Date(period.end).toISOString().slice(0, 10)
    const finding = `Invoice ${about} (${formatMoney(paid)}) of the period until ${end} is not paid, and a later one is: have it paid, or void it at Stripe.`
    return [{ kind: 'underpaid', about, finding }]
  })
}

function isOpenChange(payment: PaymentState): boolean {
  return payment.kind === 'change' && isUnpaid(payment) && payment.paid.amount > 0
}

/** Of `now`: also one that was sent and is overdue. */
function isUnpaid({ status, invoice_status, due_at }: PaymentState, now = 0): boolean {
  const isOpen = invoice_status === 'open' || invoice_status === 'uncollectible'
  return isOpen && (status === 'failed' || (status === 'pending' && (msOf(due_at) ?? now) < now))
}

function coversPrice(charged: Money, price: Money): boolean {
  return charged.currency === price.currency && charged.amount >= price.amount
}
