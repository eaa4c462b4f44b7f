import type { BillingFinding, Subscription } from '@spawnpoint/contracts'
import type { Order } from '../order/order.ts'
import { inMs, type Policy } from '../order/policy.ts'
import { type BillingSummary, msOf } from './billing-summary.ts'
import { hasEnded } from './has-ended.ts'
import { isOfPeriod } from './period.ts'

/** Why an order's server is not to run, as far as billing goes. */
export type SuspensionReason = {
  kind: 'lost' | 'disputed' | 'refunded' | 'ended' | 'given-up' | 'late' | 'underpaid'
  why: string
  /** From then on its server is suspended, in ms; 0: at once. */
  from: number
  /** Whether it is deleted after the retention; from when that is counted at the earliest. */
  ends: false | { since: number }
}

/** A renewal is made out an hour after its period begins, and then paid for. */
export const renewalTakesMs = 7_200_000

/** Active and upcoming, worst first. */
export function suspensionReasons(
  summary: BillingSummary,
  policy: Policy,
  findings: BillingFinding[] = [],
): SuspensionReason[] {
  return [
    ...disputeOf(summary, policy),
    ...refundOf(summary, policy),
    ...unlessPaid([...endOf(summary, policy), ...nonPaymentOf(summary, policy)], summary, policy),
    ...underpaymentOf(summary, policy, findings),
  ]
}

/** From when on an unreported renewal is looked up; null where none is due. */
export function unreportedFrom({ paidUntil, subscription }: BillingSummary, policy: Policy): number | null {
  if (paidUntil === null || hasEnded(subscription)) return null
  const { grace_days: grace, warn_days: warn } = policy
  // Early enough to warn before its server is suspended.
  return paidUntil + Math.min(renewalTakesMs, inMs(Math.max(grace - warn, grace / 2)))
}

/** Whether it may charge again; a subscription without a known state may. */
export function mayRenew({ subscription_id, money }: Pick<Order, 'subscription_id' | 'money'>): boolean {
  return money.subscription === null ? subscription_id !== null : !hasEnded(money.subscription)
}

function disputeOf({ dispute, lostSince }: BillingSummary, policy: Policy): SuspensionReason[] {
  if (policy.dispute === 'keep') return []
  const reason = { from: 0 } as const
  if (dispute === 'lost')
    return [
      {
        ...reason,
        kind: 'lost',
        why: "The buyer's bank took the money back for good.",
        ends: { since: lostSince },
      },
    ]
  if (dispute === 'open')
    return [
      { ...reason, kind: 'disputed', why: "The buyer's bank took the money back for now.", ends: false },
    ]
  return []
}

function refundOf({ isRefunded, refundedSince }: BillingSummary, policy: Policy): SuspensionReason[] {
  if (!isRefunded || policy.full_refund === 'keep') return []
  const ends = policy.full_refund === 'end' && { since: refundedSince }
  return [{ kind: 'refunded', why: 'All its money went back to the buyer.', from: 0, ends }]
}

/** Source: docs.stripe.com/api/subscriptions/object (`cancellation_details.reason`). */
export const endedForAnInvoice: ReadonlySet<string> = new Set(['payment_failed', 'payment_disputed'])

/** Not before the time is over that another subscription of the order has paid for, and the grace of its next renewal. */
function unlessPaid(
  reasons: SuspensionReason[],
  { paidByAnother: until }: BillingSummary,
  { grace_days }: Policy,
): SuspensionReason[] {
  if (until === null) return reasons
  if (until === 'unknown') return []
  return reasons.map((reason) => ({ ...reason, from: Math.max(reason.from, until + inMs(grace_days)) }))
}

// A refunded order whose plan only suspends it has its subscription ended, and is not deleted for that.
// What is paid for runs until it has passed, and is not deleted before. Only a cancellation that somebody asked for stops what
// was paid before it at once; who pays afterwards pays for the time that is left.
function endOf(summary: BillingSummary, policy: Policy): SuspensionReason[] {
  const { subscription, isRefunded, paidUntil, settled } = summary
  if (!hasEnded(subscription)) return []
  const isKept = isRefunded && policy.full_refund === 'suspend'
  const ended = msOf(subscription?.ended_at) ?? 0
  const paid = isRefunded && policy.full_refund !== 'keep' ? 0 : (settled?.until ?? paidUntil ?? 0)
  const ends = !isKept && { since: Math.max(ended, paid) }
  const isAtOnce = isAskedFor(subscription) && !isPaidAfterEnd(summary)
  const from = isAtOnce ? 0 : paid
  return [{ kind: 'ended', why: 'Its subscription is over.', from, ends }]
}

// Without a reason: events of before it was read.
function isAskedFor(subscription: Subscription | null): boolean {
  return (subscription?.ended_reason ?? 'cancellation_requested') === 'cancellation_requested'
}

/** An invoice that was left open was paid after its subscription had ended. */
export function isPaidAfterEnd({ present, subscription }: BillingSummary): boolean {
  const ended = msOf(subscription?.ended_at)
  if (ended === null || !hasEnded(subscription)) return false
  return present.some((payment) => isOfPeriod(payment) && (msOf(payment.paid_at) ?? 0) > ended)
}

function nonPaymentOf({ nonPayment }: BillingSummary, policy: Policy): SuspensionReason[] {
  if (nonPayment === null) return []
  const { why, since, isGivenUp } = nonPayment
  const from = isGivenUp ? since : since + inMs(policy.grace_days)
  return [{ kind: isGivenUp ? 'given-up' : 'late', why, from, ends: { since: from } }]
}

function underpaymentOf(
  { present, subscription }: BillingSummary,
  policy: Policy,
  findings: BillingFinding[],
): SuspensionReason[] {
  // A change of plan that is not paid, not charged yet or refunded is reported alone: the present period is paid.
  const isOfPresent = (about: string) =>
    about !== subscription?.subscription_id &&
    present.some((payment) => payment.payment_id === about && isOfPeriod(payment))
  const found = findings.find(({ kind, about }) => kind === 'underpaid' && isOfPresent(about))
  if (!found || policy.underpaid !== 'suspend') return []
  const begun = Math.max(0, ...present.map(({ paid_from }) => msOf(paid_from) ?? 0))
  const from = begun + inMs(policy.grace_days)
  return [{ kind: 'underpaid', why: found.finding, from, ends: false }]
}
