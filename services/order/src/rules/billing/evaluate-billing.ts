import type { BillingFinding } from '@spawnpoint/contracts'
import { type Catalogue, nothingForSale } from '../order/catalogue.ts'
import type { Order } from '../order/order.ts'
import type { Policy } from '../order/policy.ts'
import { endOf, suspensionOf } from './announced-steps.ts'
import type { Situation } from './billing-situation.ts'
import { type BillingSummary, msOf, summarizeBilling } from './billing-summary.ts'
import { confirmableReasons, confirmationOf } from './confirmations.ts'
import { billingFindings } from './findings.ts'
import { hasEnded } from './has-ended.ts'
import { othersGoingOn } from './paid-by-another.ts'
import { toldFrom, unchargedChanges } from './plan-changes.ts'
import { recheckOf } from './recheck-time.ts'
import { isEndUndone, takesBackCancellation, withRefundCancellation } from './refund-cancellation.ts'
import { mayEnd } from './subscription-end.ts'
import { type SuspensionReason, suspensionReasons } from './suspension-reasons.ts'

export type BillingEvaluation = {
  /** With what its money allows; its `status` is the one of before. */
  order: Order
  /** Why it is held, though it is paid. */
  hold: string | null
  /** Why its server is not to run. */
  why: string | null
  /** Nothing more is done before the order is looked up at Stripe. */
  mustAsk: boolean
  /** All its money went back: its subscription is not to charge again. */
  endsSubscription: boolean
  /** The refund that ended its subscription has failed: it is to go on. */
  keepsSubscription: boolean
}

/** How old a lookup may be that a running server is suspended for: it was made for that. */
const freshMs = 600_000

type Options = { policy: Policy; now: Date; catalogue?: Catalogue | undefined }
/** What an order's payments and subscription allow at this moment, and when that has to be evaluated again. */
export function evaluateBilling(
  order: Order,
  { policy, now: at, catalogue = nothingForSale }: Options,
): BillingEvaluation {
  if (order.billing_status === 'unpaid') return nothingDue(order)
  const now = at.getTime()
  const summary = summarizeBilling(order, now, catalogue)
  const askedAt = msOf(order.money.asked_at) ?? 0
  const findings = billingFindings(order, summary, { catalogue, policy, now, askedAt })
  const plan = catalogue.plans.get(order.plan)
  const uncharged = unchargedChanges(order, summary, { plan, catalogue, now })
  const situation = { order, summary, policy, now, askedAt, findings, uncharged }
  const billed = withFindings(
    {
      ...withRefundCancellation(withLoss(withConfirmations(order, summary), summary), summary),
      billing_status: billingOf(summary),
      paid_until: summary.paidUntil === null ? null : new Date(summary.paidUntil).toISOString(),
    },
    findings,
  )
  if (order.desired === 'terminated' || order.wanted === 'terminated') return over(billed, now)
  const { isUnsure, active, upcoming, unsure } = sort(situation)
  if (isUnsure && order.desired === 'suspended' && order.suspended_at !== null)
    return asBefore({ ...billed, warning: order.warning }, { at, why: unsure[0]?.why ?? null })
  const suspended_at = active.length === 0 ? null : sinceWhen(situation, active)
  // A server that another subscription of the order may pay for is not deleted: a person is told. And who paid for one that never was
  // is to have the money back, which a person has to see to.
  const isKept = suspended_at === null || othersGoingOn(order).length > 0 || isPaidInVain(order, summary)
  const end = isKept ? null : endOf(situation, active, suspended_at)
  if (end?.isDue) return { ...over(billed, now), why: end.why }
  const step = end ?? (active.length === 0 ? suspensionOf(situation, upcoming) : null)
  const refund = refundOf({ ...situation, order: billed }, suspended_at)
  const recheckAt = recheckOf(situation, active)
  const isToRecheck = recheckAt !== null && recheckAt <= now
  const mustAsk = isUnsure || isToRecheck || (end?.mustAsk ?? false) || refund === 'ask'
  const endsSubscription = refund === 'end' && !mustAsk
  const keepsSubscription = takesBackCancellation(billed, summary.present)
  const isActing = mustAsk || endsSubscription || keepsSubscription
  const evaluated = {
    ...billed,
    suspended_at: suspended_at === null ? null : new Date(suspended_at).toISOString(),
    warning: step?.warning ?? null,
    money_due_at: isActing
      ? at.toISOString()
      : dueOf(situation, { upcoming, times: [step?.due ?? null, recheckAt, ...toldTimes(situation)] }),
  }
  const hold = holdOf(evaluated, summary)
  const desired = hold === null ? desiredOf(evaluated) : 'none'
  const why = active[0]?.why ?? null
  return { order: { ...evaluated, desired }, hold, why, mustAsk, endsSubscription, keepsSubscription }
}

/** It stands still for another reason by now, which is to be looked up: it does not resume for that moment. */
function asBefore(order: Order, { at, why }: { at: Date; why: string | null }): BillingEvaluation {
  const asked = { ...order, money_due_at: at.toISOString() }
  return { ...nothingDue({ ...asked, desired: desiredOf(asked) }), why, mustAsk: true }
}

// A reason that went away and comes back has to be confirmed again.
function withConfirmations(order: Order, summary: BillingSummary): Order {
  const { confirmed, confirmed_given_up, ...money } = order.money
  if (confirmed === undefined) return order
  const present = confirmableReasons(summary)
  const isGivenUp = confirmed_given_up === true && summary.nonPayment?.isGivenUp === true
  return {
    ...order,
    money: {
      ...money,
      confirmed: confirmed.filter((kind) => present.includes(kind)),
      ...(isGivenUp ? { confirmed_given_up } : {}),
    },
  }
}

// From then on the retention counts, whatever it was suspended for before.
function withLoss(order: Order, { dispute, lostSince, isRefunded, refundedSince }: BillingSummary): Order {
  const { lost_since: _, refunded_since: __, ...money } = order.money
  const lost = dispute === 'lost' ? { lost_since: new Date(lostSince).toISOString() } : {}
  const refunded = isRefunded ? { refunded_since: new Date(refundedSince).toISOString() } : {}
  return { ...order, money: { ...money, ...lost, ...refunded } }
}

function withFindings(order: Order, findings: BillingFinding[]): Order {
  const { findings: _, ...money } = order.money
  return { ...order, money: findings.length > 0 ? { ...money, findings } : money }
}

function billingOf({
  dispute,
  isRefunded,
  subscription,
  nonPayment,
}: BillingSummary): Order['billing_status'] {
  if (dispute === 'open' || dispute === 'lost') return 'disputed'
  if (isRefunded) return 'refunded'
  if (hasEnded(subscription)) return 'ended'
  return nonPayment === null ? 'paid' : 'past_due'
}

/** An order is suspended only for what a lookup at Stripe confirmed as not paid, refunded or disputed. */
function sort(situation: Situation): {
  isUnsure: boolean
  active: SuspensionReason[]
  /** Due, and not confirmed. */
  unsure: SuspensionReason[]
  upcoming: SuspensionReason[]
} {
  const { summary, policy, now, findings } = situation
  const reasons = suspensionReasons(summary, policy, findings)
  const due = reasons.filter(({ from }) => from <= now)
  const active = due.filter((reason) => isSure(situation, reason))
  return {
    isUnsure: active.length === 0 && due.length > 0,
    active,
    unsure: due.filter((reason) => !active.includes(reason)),
    upcoming: [...reasons.filter(({ from }) => from > now), ...cancellation(situation)],
  }
}

function isSure({ order, askedAt, now }: Situation, { from, kind }: SuspensionReason): boolean {
  if (order.suspended_at === null && askedAt < now - freshMs) return false
  // The invoice that it was ended for may be paid, or another subscription have replaced it, and their events be lost. What it was
  // suspended for is looked up every day.
  if (kind === 'ended') return order.suspended_at !== null || askedAt >= from
  if (askedAt < from) return false
  const { confirmed, confirmed_given_up } = order.money
  // Suspended before confirmations were recorded: it was decided then.
  const isOfBefore = confirmed === undefined && order.suspended_at !== null && askedAt > 0
  if (kind === 'given-up' && order.suspended_at === null && confirmed_given_up !== true) return false
  return kind === 'underpaid' || isOfBefore || (confirmed ?? []).includes(confirmationOf(kind))
}

/** Whether its subscription goes the way of its money, which was looked up at Stripe since it is suspended. */
function refundOf(
  { order, summary, policy, askedAt }: Situation,
  suspendedAt: number | null,
): 'ask' | 'end' | null {
  const isWanted = policy.full_refund !== 'keep' && policy.refunded_subscription === 'cancel'
  const isToEnd = summary.subscription !== null && summary.subscription.cancel_at !== null
  if (!summary.isRefunded || !isWanted || !mayEnd(order) || isToEnd || suspendedAt === null) return null
  if (isEndUndone(order, summary.present)) return null
  return askedAt >= suspendedAt ? 'end' : 'ask'
}

function cancellation({ summary: { subscription }, now }: Situation): SuspensionReason[] {
  const from = hasEnded(subscription) ? null : msOf(subscription?.cancel_at)
  if (from === null || from <= now) return []
  return [{ kind: 'ended', why: 'Its subscription ends then.', from, ends: false }]
}

// What a bank holds is not deleted meanwhile, and the time until then does not count.
function sinceWhen({ order, summary, now }: Situation, active: SuspensionReason[]): number {
  const wasDisputed = order.billing_status === 'disputed' && billingOf(summary) !== 'disputed'
  if (wasDisputed && !active.some(({ kind }) => kind === 'disputed')) return now
  return msOf(order.suspended_at) ?? now
}

// A paid period needs no evaluation before it ends, whatever the policy says.
function dueOf(
  { summary, now }: Situation,
  { upcoming, times }: { upcoming: SuspensionReason[]; times: (number | null)[] },
): string | null {
  const coming = [...times, summary.paidUntil, ...upcoming.map(({ from }) => from)].filter(
    (time) => time !== null && time > now,
  )
  return coming.length === 0 ? null : new Date(Math.min(...coming.map(Number))).toISOString()
}

function isPaidInVain(
  { delivery, ptero_server_id }: Order,
  { isRefunded, dispute }: BillingSummary,
): boolean {
  return !delivery.delivered && ptero_server_id === null && !isRefunded && dispute !== 'lost'
}

function toldTimes({ summary, policy }: Situation): (number | null)[] {
  return summary.payments.map((payment) => toldFrom(payment, policy))
}

function over(order: Order, now: number): BillingEvaluation {
  // A customer must not pay on for a deleted server: the subscription ends too.
  const money_due_at = mayEnd(order) ? new Date(now).toISOString() : null
  return nothingDue({ ...order, desired: 'terminated', warning: null, money_due_at })
}

function nothingDue(order: Order): BillingEvaluation {
  return { order, hold: null, why: null, mustAsk: false, endsSubscription: false, keepsSubscription: false }
}

function desiredOf(order: Order): Order['desired'] {
  if (order.wanted === null) return 'none'
  const isStill =
    order.suspended_at !== null || order.wanted === 'suspended' || order.delivery.moving_to !== null
  return isStill ? 'suspended' : 'running'
}

function holdOf(order: Order, { fraudWarning }: BillingSummary): string | null {
  const isHeld = fraudWarning !== null && !order.delivery.released && order.ptero_server_id === null
  return isHeld && desiredOf(order) === 'running' ? `Held: ${fraudWarning}` : null
}
