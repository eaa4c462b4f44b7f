import { isOurSubscription, planItemOf, settleSubscription } from './apply-subscription.ts'
import { type BillingState, putPayment } from './billing-state.ts'
import type { BillingUpdate, UpdateContext, UpdateResult } from './billing-update.ts'
import { emitPayment } from './events.ts'
import { applyPaymentUpdate } from './payment.ts'
import type { PaymentUpdate, StoredPayment } from './stored-payment.ts'

export function applyPayment(
  billing: BillingState,
  { isOurs, isCut = false, payment: update }: Extract<BillingUpdate, { about: 'payment' }>,
  { happenedAt, wasLooked }: UpdateContext,
): UpdateResult {
  const { subscription_id: subscription } = update
  if (!isOurs && !isOurSubscription(billing, subscription))
    return { outcome: 'ignored', reason: 'not_ours', waitingFor: subscription }
  const before = billing.payments.get(update.payment_id) ?? null
  const target = wasLooked ? null : lookupFor(billing, { update, before, isCut })
  if (target !== null) return { outcome: 'look', target }

  const applied = applyPaymentUpdate(
    before,
    withTrial(billing, withOrder(billing, update)),
    planItemOf(billing, subscription),
  )
  if ('ignored' in applied) return { outcome: 'ignored', reason: applied.ignored, waitingFor: null }
  const { payment, event } = applied
  putPayment(billing, payment)
  if (event) emitPayment(billing, payment, { ...event, happenedAt })
  if (subscription) settleSubscription(billing, subscription, happenedAt)
  return {
    outcome: 'done',
    message: `Payment ${payment.status}: ${payment.payment_id}`,
    orderId: payment.order_id,
  }
}

type Doubt = { update: PaymentUpdate; before: StoredPayment | null; isCut: boolean }

/** What only a lookup can tell: the lines that the event leaves out, and why a subscription's first period is free. */
function lookupFor(billing: BillingState, { update, before, isCut }: Doubt): string | null {
  const isNew = before === null || before.status !== update.status
  if (isCut && update.invoice_id && isNew) return `look:invoice:${update.invoice_id}`
  const isUnexplained = update.status === 'succeeded' && update.nothing_owed && update.discount === 0
  const { subscription_id: id } = update
  if (!isUnexplained || id === null || update.kind !== 'first' || billing.subscriptions.get(id)) return null
  return isNew ? `look:subscription:${id}` : null
}

function withTrial(billing: BillingState, update: PaymentUpdate): PaymentUpdate {
  if (update.kind !== 'first' || !update.nothing_owed || update.subscription_id === null) return update
  const { trial_end } = billing.subscriptions.get(update.subscription_id)?.subscription ?? {}
  return { ...update, trial_end: trial_end ?? null }
}

// Only the session of a Payment Link names the order; later payments of its subscription belong to the same one. A subscription
// that an operator adopted names the order itself, and its older invoices do not.
function withOrder(billing: BillingState, update: PaymentUpdate): PaymentUpdate {
  const { subscription_id: id } = update
  if (id === null || update.order_id !== null) return update
  const order_id =
    billing.payments.get(id)?.order_id ?? billing.subscriptions.get(id)?.subscription.order_id ?? null
  return { ...update, order_id }
}
