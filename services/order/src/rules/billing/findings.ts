import type { BillingFinding, PaymentState } from '@spawnpoint/contracts'
import type { Catalogue } from '../order/catalogue.ts'
import { formatMoney } from '../order/format-money.ts'
import type { Order } from '../order/order.ts'
import type { Policy } from '../order/policy.ts'
import type { BillingSummary } from './billing-summary.ts'
import { hasEnded } from './has-ended.ts'
import { isOnTrial } from './non-payment.ts'
import { isGoingOn, othersAtStripe, paidUntilBy } from './paid-by-another.ts'
import { isBeyond, isOfPeriod, isPaid, msOf, periodOf } from './period.ts'
import { planPriceMismatch } from './plan-price-mismatch.ts'
import { otherOrderOf } from './subscription-end.ts'
import { endedForAnInvoice, isPaidAfterEnd, renewalTakesMs, unreportedFrom } from './suspension-reasons.ts'
import { takenBackFindings } from './taken-back-findings.ts'
import { underpaidFindings } from './underpaid-findings.ts'

type Rules = { catalogue: Catalogue; policy: Policy; now: number; askedAt: number }

/** What a person has to look into: paid less than the plan costs, another Price than the plan's, running unpaid, paid and suspended. */
export function billingFindings(order: Order, summary: BillingSummary, rules: Rules): BillingFinding[] {
  if (order.wanted === null || order.desired === 'terminated' || order.wanted === 'terminated') return []
  const plan = rules.catalogue.plans.get(order.plan)
  return [
    ...underpaidFindings(order, summary, { ...rules, plan }),
    ...planPriceMismatch(order, summary, { plan, catalogue: rules.catalogue }),
    ...runningUnpaid(order, summary, rules),
    ...renewalsPaidByHand(order, summary),
    ...takenBackFindings(order, summary, { policy: rules.policy, now: rules.now }),
    ...unacceptedTrial(order, summary, rules),
    ...paidAndSuspended(order, summary, rules.now),
    ...paidWhileSuspended(order, summary, rules.now),
    ...paidAndEnded(summary, rules.now),
    ...paidByAnother(order, summary, rules.now),
    ...namesAnotherOrder(order, summary),
  ]
}

/** The paid period is over or unknown, Stripe was asked, and reports no failure either: nobody is suspended for that. */
function runningUnpaid(
  _order: Order,
  summary: BillingSummary,
  { policy, now, askedAt }: Rules,
): BillingFinding[] {
  const { subscription, paid, paidUntil, nonPayment, payments, settled } = summary
  if (settled !== null && settled.until > now) return []
  // A period whose invoice was voided is no longer asked for: what is owed begins after it, whatever the status.
  const isOwed = nonPayment !== null && nonPayment.since <= now
  if (!subscription || hasEnded(subscription) || isOwed) return []
  // Every renewal is a draft for an hour, however early Stripe is asked.
  const from = Math.max(unreportedFrom(summary, policy) ?? 0, (paidUntil ?? 0) + renewalTakesMs)
  if (from > now || askedAt < from || askedAt === 0) return []
  if (isOnTrial(subscription, now) || payments.some(isUnderWay)) return []
  const since = paidUntil === null ? 'it was bought' : new Date(paidUntil).toISOString().slice(0, 10)
  const why = subscription.pause_collection
    ? `the collection of its money is paused at Stripe (${subscription.pause_collection.behavior ?? 'unknown'})`
    : `Stripe reports the subscription as ${subscription.status}, and neither a payment nor ${nonPayment === null ? 'a failed one' : 'an invoice that asks for it'}`
  const finding = `Its server runs, and nobody has paid for the time since ${since}: ${why}.`
  return [{ kind: 'running_unpaid', about: subscription.subscription_id, finding }]

  // An invoice of the period that is not due, unless one before it was given up; or a bank debit that takes days.
  function isUnderWay(payment: PaymentState): boolean {
    const { status, processing, due_at, invoice_status } = payment
    if (status === 'succeeded' || !isOfPeriod(payment) || !isBeyond(payment, paid)) return false
    if (processing === true) return true
    return invoice_status === 'open' && (msOf(due_at) ?? 0) > now && !payments.some(isGivenUp)
  }

  function isGivenUp(payment: PaymentState): boolean {
    const { status, invoice_status } = payment
    return (
      status === 'failed' &&
      invoice_status === 'uncollectible' &&
      isOfPeriod(payment) &&
      isBeyond(payment, paid)
    )
  }
}

// Stripe goes on to ask for it, and cannot tell what else was paid for.
function renewalsPaidByHand({ id }: Order, { settled }: BillingSummary): BillingFinding[] {
  if (settled === null) return []
  const by = settled.by.map(({ payment_id, paid }) => `${payment_id} (${formatMoney(paid)})`).join(' and ')
  return settled.renewals.map(({ payment_id: about, paid, paid_until }) => {
    const until = paid_until?.slice(0, 10) ?? 'its end'
    const finding = `Renewal ${about} (${formatMoney(paid)}) is not paid, and since its period began invoice ${by} of the same subscription is. Whether that pays for the period until ${until}, a person has to say; its server runs until then. If it does, mark ${about} at Stripe as paid outside of Stripe; if not, POST /admin/orders/${id}/suspend.`
    return { kind: 'running_unpaid', about, finding }
  })
}

// A trial is held when it begins an order; one of a subscription that replaces another begins none.
function unacceptedTrial(
  { money, payment_id }: Order,
  { subscription, payments }: BillingSummary,
  { policy, now }: Rules,
): BillingFinding[] {
  const isReplaced = money.former_payments !== undefined
  const first = payments.find((payment) => payment.payment_id === payment_id)
  if (
    policy.trial !== 'hold' ||
    !isReplaced ||
    !first?.trial_end ||
    !subscription ||
    !isOnTrial(subscription, now)
  )
    return []
  const { subscription_id: about } = subscription
  const finding = `Subscription ${about}, which replaces the one before, begins with a trial until ${first.trial_end.slice(0, 10)}, and the plan allows none. Its server runs: end the trial at Stripe, or let it run.`
  return [{ kind: 'running_unpaid', about, finding }]
}

function paidAndSuspended(
  { wanted }: Order,
  { subscription, paidUntil }: BillingSummary,
  now: number,
): BillingFinding[] {
  if (wanted !== 'suspended' || !subscription || subscription.status !== 'active') return []
  if (paidUntil === null || paidUntil <= now) return []
  const until = new Date(paidUntil).toISOString().slice(0, 10)
  const finding = `Its server is suspended by hand, and its subscription is paid until ${until} and goes on.`
  return [{ kind: 'paid_and_suspended', about: subscription.subscription_id, finding, settled_by: 'resume' }]
}

// Stripe makes an unpaid subscription active once its newest invoice is paid. That of the next period may be a draft by then, which
// no customer can pay. Source: docs.stripe.com/billing/subscriptions/overview (`unpaid`).
function paidWhileSuspended(
  { suspended_at }: Order,
  { subscription, nonPayment, payments }: BillingSummary,
  now: number,
): BillingFinding[] {
  if (!subscription || !nonPayment?.isGivenUp || nonPayment.since > now) return []
  const since = msOf(suspended_at) ?? Number.POSITIVE_INFINITY
  const paid = payments.findLast((payment) => {
    const end = periodOf(payment)?.end ?? Number.POSITIVE_INFINITY
    return isPaid(payment) && (msOf(payment.paid_at) ?? 0) > Math.min(since, end)
  })
  if (!paid) return []
  const { subscription_id: about, status } = subscription
  const finding = `Invoice ${paid.payment_id} (${formatMoney(paid.paid)}) was paid late, and subscription ${about} is ${status} all the same, so that its server is suspended: a later invoice is not paid. Where that is a draft, finalize it at Stripe, so that the customer can pay it; its server resumes once the subscription is active.`
  return [{ kind: 'paid_and_suspended', about, finding }]
}

// Cancelled at once in a paid period, or ended for a reason that this version does not know: only a person can tell.
function paidAndEnded(summary: BillingSummary, now: number): BillingFinding[] {
  const { subscription, paidUntil, isRefunded } = summary
  if (isPaidAfterEnd(summary)) return []
  if (!subscription || !hasEnded(subscription) || endedForAnInvoice.has(subscription.ended_reason ?? ''))
    return []
  if (paidUntil === null || paidUntil <= now || isRefunded) return []
  const until = new Date(paidUntil).toISOString().slice(0, 10)
  const finding = `Its subscription has ended, and its payments reach until ${until}: refund what is left, or let the customer renew.`
  return [{ kind: 'paid_and_suspended', about: subscription.subscription_id, finding }]
}

// Its own is not paid, or its money went back: it does not take over by itself, and nothing is deleted meanwhile.
function paidByAnother(order: Order, summary: BillingSummary, now: number): BillingFinding[] {
  const { nonPayment, isRefunded, dispute, subscription } = summary
  const isContested = dispute === 'open' || dispute === 'lost'
  if (nonPayment === null && !isRefunded && !isContested && !hasEnded(subscription)) return []
  const others = othersAtStripe(order).filter((other) => isGoingOn(other) || paidUntilBy(order, other) > now)
  return others.map((other) => {
    const { subscription_id: about, status } = other
    const own = order.subscription_id
    const finding = hasEnded(subscription)
      ? `Subscription ${about} names this order too and is ${status}, and nothing of its first period is paid yet; ${own}, which the order goes by, has ended: its server is not deleted. The order goes by ${about} once that is paid; if it never is, cancel ${about}.`
      : `Subscription ${about} names this order too and is ${status}, and the order goes by ${own}, which does not pay for it: its server is not deleted, and runs while ${about} is paid. Cancel ${own} at Stripe, and the order goes by ${about}; or cancel ${about} and refund it.`
    return { kind: 'paid_and_suspended', about, finding }
  })
}

// It pays for one server. Its events name the other order, and this one looks its payments up.
function namesAnotherOrder(order: Order, { subscription }: BillingSummary): BillingFinding[] {
  const other = otherOrderOf(order)
  if (!subscription || hasEnded(subscription) || other === null) return []
  const { subscription_id: about } = subscription
  const finding = `Subscription ${about} names order ${other} by now (metadata order_id), and this order goes by it too: it pays for one of them. Set order_id at Stripe to the one that it pays for, and end the other one or let its customer renew; ending this order leaves the subscription as it is.`
  return [{ kind: 'plan_price_mismatch', about, finding }]
}
