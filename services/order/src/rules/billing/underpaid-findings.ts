import type { BillingFinding } from '@spawnpoint/contracts'
import type { Catalogue, Plan } from '../order/catalogue.ts'
import { formatMoney } from '../order/format-money.ts'
import type { Order } from '../order/order.ts'
import type { Policy } from '../order/policy.ts'
import type { BillingSummary } from './billing-summary.ts'
import { isBeyond, isOfPeriod, periodOf } from './period.ts'
import {
  cheapPeriods,
  isUnpaid,
  lookupOf,
  toldFrom,
  type UnchargedChange,
  unchargedChanges,
} from './plan-changes.ts'

type Rules = { plan: Plan | undefined; catalogue: Catalogue; policy: Policy; now: number }

/** How long an unpaid invoice of a period that is over is reported, from its end on. */
const unpaidShownMs = 180 * 86_400_000

/** Who pays less than the plan costs: by a renewal, by a change of plan, or by leaving out a period. */
export function underpaidFindings(order: Order, summary: BillingSummary, rules: Rules): BillingFinding[] {
  return [
    ...cheapRenewals(order, summary, rules),
    ...unchargedChanges(order, summary, rules).flatMap((change) => unchargedFinding(order, change)),
    ...unpaidChanges(order, summary, rules),
    ...unpaidPeriods(summary, rules.now),
  ]
}

// A first payment is compared when it comes in: what covers no price is held, and a person may accept it.
function cheapRenewals(order: Order, summary: BillingSummary, rules: Rules): BillingFinding[] {
  const { price } = order
  return cheapPeriods(order, summary, rules).flatMap(
    ({ payment, charged, isOfAnotherPrice }): BillingFinding[] => {
      if (payment.kind === 'first' || isOfAnotherPrice) return []
      const { payment_id: about } = payment
      const finding = `Renewal ${about} charges ${formatMoney(charged)} for the plan, which costs ${formatMoney(price)}.`
      // Whether another currency is less is for a person to say.
      if (charged.currency !== price.currency) return [{ kind: 'plan_price_mismatch', about, finding }]
      return [{ kind: 'underpaid', about, finding, settled_by: 'accept_price' }]
    },
  )
}

// Stripe reports a change before its invoice, and the next invoice may charge it: it has to be looked up first.
function unchargedFinding(order: Order, change: UnchargedChange): BillingFinding[] {
  const known = lookupOf(order, change)
  if (known === null || known.is_pending) return []
  const { subscription_id: about, payment, charged } = change
  const until = payment.paid_until?.slice(0, 10) ?? 'its end'
  const finding = `Its plan changed within the period until ${until}, of which ${payment.payment_id} charges ${formatMoney(charged)}; it costs ${formatMoney(order.price)} now, and no invoice has charged the difference, nor is the next one going to. Invoice it, or change the plan back.`
  return [{ kind: 'underpaid', about, finding }]
}

// Stripe changes the plan before the invoice of the change is paid, and serves an add-on whose own invoice is not.
function unpaidChanges(
  { price }: Order,
  { payments }: BillingSummary,
  { policy, now }: Rules,
): BillingFinding[] {
  return payments.flatMap((payment) => {
    const { kind, paid, payment_id: about } = payment
    const isAddOn = kind === 'renewal' && !isOfPeriod(payment) && isUnpaid(payment) && paid.amount > 0
    const from = toldFrom(payment, policy)
    if (!isAddOn && (from === null || from > now)) return []
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
