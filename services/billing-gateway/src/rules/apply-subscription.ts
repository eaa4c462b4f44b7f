import type { Subscription } from '@spawnpoint/contracts'
import { type BillingState, paymentsOfSubscription, putPayment } from './billing-state.ts'
import type { BillingUpdate, UpdateContext, UpdateResult } from './billing-update.ts'
import { emitPayment, emitSubscription } from './events.ts'
import { eventTypeOf, withPeriod } from './payment.ts'
import type { PlanItem } from './period.ts'
import { applyState, isSameSubscription, withPayments } from './subscription.ts'

export function applySubscription(
  billing: BillingState,
  { isOurs, isCut = false, state, asOf }: Extract<BillingUpdate, { about: 'subscription' }>,
  { happenedAt, wasLooked }: UpdateContext,
): UpdateResult {
  const { subscription_id: id } = state
  const known = billing.subscriptions.get(id) ?? null
  if (!isOurs && !isOurSubscription(billing, id))
    return { outcome: 'ignored', reason: 'not_ours', waitingFor: id }
  if (isCut && !wasLooked) return { outcome: 'look', target: `look:subscription:${id}` }
  const applied = applyState(known, { state, asOf })
  if (applied === 'tie')
    return wasLooked
      ? { outcome: 'ignored', reason: 'looked_at', waitingFor: null }
      : { outcome: 'look', target: `look:subscription:${id}` }
  if ('ignored' in applied) return { outcome: 'ignored', reason: applied.ignored, waitingFor: null }

  if (!known) billing.links.add(id)
  const order_id = state.order_id ?? known?.subscription.order_id ?? null
  // Absent is an answer: somebody else has decided about its end.
  const { ends_for: _, ...before } = known?.subscription ?? {}
  const next = { ...before, ...state, order_id }
  save(billing, { known: known?.subscription ?? null, next, asOf, happenedAt })
  return { outcome: 'done', message: `Subscription ${state.status}: ${id}`, orderId: order_id }
}

/** Re-evaluates a subscription whose payments have changed. */
export function settleSubscription(billing: BillingState, id: string, happenedAt: Date): void {
  const known = billing.subscriptions.get(id)
  if (!known) return
  save(billing, { known: known.subscription, next: known.subscription, asOf: known.asOf, happenedAt })
}

/** A subscription with a known payment or state is ours, whatever metadata an object leaves out. */
export function isOurSubscription(billing: BillingState, id: string | null): boolean {
  return (
    id !== null && (Boolean(billing.subscriptions.get(id)) || paymentsOfSubscription(billing, id).length > 0)
  )
}

/** The item of the plan: the one whose price names a plan, else the only one; null while it is unclear. */
export function planItemOf(billing: BillingState, id: string | null): PlanItem | null {
  const items = billing.subscriptions.get(id ?? '')?.subscription.items ?? []
  const plan = items.find((one) => one.plan !== null) ?? (items.length === 1 ? items[0] : undefined)
  if (!plan) return null
  return { item: plan.item, addOns: items.flatMap(({ item }) => (item === plan.item ? [] : [item])) }
}

type Saved = {
  known: Subscription | null
  next: Parameters<typeof withPayments>[0]
  asOf: Date
  happenedAt: Date
}

function save(billing: BillingState, { known, next, asOf, happenedAt }: Saved): void {
  const { subscription_id: id } = next
  const version = known?.version ?? 0
  billing.subscriptions.set(id, { subscription: { ...withPayments(next, []), version }, asOf })
  const planItem = planItemOf(billing, id)
  const orderId = next.order_id ?? billing.payments.get(id)?.order_id ?? null
  settlePayments(billing, id, { planItem, trialEnd: next.trial_end ?? null, orderId, happenedAt })
  const settled = withPayments(next, paymentsOfSubscription(billing, id), planItem)
  const isChange = !known || !isSameSubscription(known, settled)
  const subscription = { ...settled, version: version + (isChange ? 1 : 0) }
  billing.subscriptions.set(id, { subscription, asOf })
  billing.changed.subscriptions.add(id)
  if (isChange) emitSubscription(billing, subscription, happenedAt)
}

type Settled = {
  planItem: PlanItem | null
  trialEnd: string | null
  orderId: string | null
  happenedAt: Date
}

/** Completes payments that were applied before their subscription was known. */
function settlePayments(
  billing: BillingState,
  id: string,
  { planItem, trialEnd, orderId, happenedAt }: Settled,
): void {
  for (const payment of paymentsOfSubscription(billing, id)) {
    // The latest end counts, whether the extension or the first payment arrives first.
    const isTrial = payment.kind === 'first' && payment.nothing_owed && trialEnd !== null
    const ended = isTrial ? { ...payment, trial_end: trialEnd } : payment
    // A first payment without an order makes one of its own.
    const order_id = payment.kind === 'first' ? payment.order_id : (payment.order_id ?? orderId)
    const next = withPeriod({ ...ended, order_id }, planItem)
    if (next.trial_end !== payment.trial_end || order_id !== payment.order_id) {
      const published = { ...next, version: payment.version + 1 }
      putPayment(billing, published)
      const cause = `${payment.payment_id}/${payment.status}/${published.version}`
      emitPayment(billing, published, { type: eventTypeOf(payment.status), cause, happenedAt })
    } else if (next.period_end !== payment.period_end || next.paid_from !== payment.paid_from)
      putPayment(billing, next)
  }
}
