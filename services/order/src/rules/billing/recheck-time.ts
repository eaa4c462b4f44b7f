import type { PaymentState } from '@spawnpoint/contracts'
import type { Situation } from './billing-situation.ts'
import { msOf } from './billing-summary.ts'
import { hasEnded, renewalTakesMs, type SuspensionReason, unreportedFrom } from './suspension-reasons.ts'

/** How often an order is looked up again that is suspended, or that neither a payment nor a failure was reported of. */
const recheckMs = 86_400_000

/** When it is looked up at Stripe again although nothing was reported: what brings its server back, or takes it away, may be lost. */
export function recheckOf(situation: Situation, active: SuspensionReason[]): number | null {
  const { summary, askedAt, now } = situation
  if (active.some(({ kind }) => kind !== 'ended') || (active.length > 0 && summary.payments.some(mayBePaid)))
    return askedAt + recheckMs
  const from = askFrom(situation)
  const isOwed = summary.nonPayment !== null && summary.nonPayment.since <= now
  if (from === null || (isOwed && from <= now)) return null
  return askedAt < from ? from : askedAt + recheckMs
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
