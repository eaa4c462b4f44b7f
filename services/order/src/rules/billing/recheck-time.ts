import type { PaymentState } from '@spawnpoint/contracts'
import type { Situation } from './billing-situation.ts'
import { msOf } from './billing-summary.ts'
import { hasEnded } from './has-ended.ts'
import { isOnTrial } from './non-payment.ts'
import { lookupOf } from './plan-changes.ts'
import { renewalTakesMs, type SuspensionReason, unreportedFrom } from './suspension-reasons.ts'

/** How often an order is looked up again that is suspended, or that neither a payment nor a failure was reported of. */
const recheckMs = 86_400_000

/** When it is looked up at Stripe again although nothing was reported: what brings its server back, or takes it away, may be lost. */
export function recheckOf(situation: Situation, active: SuspensionReason[]): number | null {
  const times = [ofMoney(situation, active), ofChange(situation)].filter((time) => time !== null)
  return times.length === 0 ? null : Math.min(...times)
}

/** A change of plan that no invoice charges is looked up at once, and each day: what waits for the next invoice may be added or deleted. */
function ofChange({ order, uncharged, now }: Situation): number | null {
  const [change] = uncharged
  if (!change || order.wanted === null) return null
  const known = lookupOf(order, change)
  return known === null ? now : Date.parse(known.at) + recheckMs
}

function ofMoney(situation: Situation, active: SuspensionReason[]): number | null {
  const { summary, askedAt, now } = situation
  if (isUnread(situation) || summary.paidByAnother === 'unknown')
    return askedAt === 0 ? now : askedAt + recheckMs
  if (active.some(({ kind }) => kind !== 'ended') || (active.length > 0 && summary.payments.some(mayBePaid)))
    return askedAt + recheckMs
  const from = askFrom(situation)
  const isOwed = summary.nonPayment !== null && summary.nonPayment.since <= now
  if (from === null || (isOwed && from <= now)) return null
  return askedAt < from ? from : askedAt + recheckMs
}

/**
 * The first period is known by its session alone, and its plan costs more by now than was paid: whether that changed within the
 * period, or a discount made the difference, its invoice tells.
 */
function isUnread({ order, summary, now }: Situation): boolean {
  const { present, subscription } = summary
  if (!subscription || hasEnded(subscription) || isOnTrial(subscription, now) || order.wanted === null)
    return false
  return present.some(
    ({ kind, plan_line, lines, paid }) =>
      kind === 'first' && !plan_line && !lines && paid.amount < order.price.amount,
  )
}

// Its page works on after the subscription has ended.
function mayBePaid({ status, invoice_status }: PaymentState): boolean {
  return status === 'failed' && (invoice_status === 'open' || invoice_status === 'uncollectible')
}

/** From when on neither a payment nor a failure was reported of a period that has ended or is unknown. */
function askFrom({ order, summary, policy, now }: Situation): number | null {
  const { paidUntil, subscription } = summary
  if (paidUntil !== null || order.subscription_id === null || hasEnded(subscription))
    return unreportedFrom(summary, policy)
  const trialEnd = subscription?.status === 'trialing' ? msOf(subscription.trial_end) : null
  if (trialEnd !== null) return trialEnd + renewalTakesMs
  // Its invoice and the subscription itself come right after the session.
  return msOf(order.money_due_at) ?? now + renewalTakesMs
}
