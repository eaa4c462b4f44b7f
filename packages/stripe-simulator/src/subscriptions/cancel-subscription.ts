import type Stripe from 'stripe'
import { type Account, type Cause, must } from '../account.ts'
import { stopCollecting } from '../invoices/close-invoice.ts'
import { subscriptionOf } from '../invoices/draft-invoice.ts'
import { takePendingOf } from './pending-lines.ts'
import { dropPendingUpdate } from './pending-update.ts'

type Ending = {
  reason: Stripe.Subscription.CancellationDetails.Reason | null
  details?: Partial<Stripe.Subscription.CancellationDetails>
  cause?: Cause
}

/** Over at once, and for good. What is still owed stays owed, but Stripe asks no more for it. */
export function endSubscription(account: Account, id: string, { reason, details, cause }: Ending) {
  if (must(account.subscriptions, id).pending_update) dropPendingUpdate(account, id)
  const before = must(account.subscriptions, id)
  const now = account.seconds()
  const ended = account.subscriptions.save({
    ...before,
    cancel_at_period_end: false,
    canceled_at: before.canceled_at ?? now,
    cancellation_details: {
      comment: null,
      feedback: null,
      feedback_option: null,
      ...before.cancellation_details,
      ...details,
      reason,
    },
    ended_at: now,
    schedule: null,
    status: 'canceled',
  })
  for (const invoice of account.invoices.all()) {
    if (subscriptionOf(account, invoice)?.id === id && invoice.status !== 'paid')
      stopCollecting(account, invoice)
  }
  takePendingOf(account, id)
  account.emit('customer.subscription.deleted', ended, { ...(cause && { cause }) })
  return ended
}
