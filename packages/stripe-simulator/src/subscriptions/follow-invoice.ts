import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { markUncollectible } from '../invoices/close-invoice.ts'
import { subscriptionOf } from '../invoices/draft-invoice.ts'
import { endSubscription } from './cancel-subscription.ts'
import { changeSubscription, isOver } from './change-subscription.ts'
import { pauseSubscription } from './pause-subscription.ts'
import { applyPendingUpdate, dropPendingUpdate, isPendingFor } from './pending-update.ts'

/** The money has come: what it was asked for holds, and a subscription that stood still goes on. */
export function followPaid(account: Account, invoice: Stripe.Invoice) {
  const subscription = subscriptionOf(account, invoice)
  if (!subscription || isOver(subscription)) return
  if (isPendingFor(subscription, invoice)) applyPendingUpdate(account, subscription.id)
  if (subscription.status === 'paused') return resumeIfAsked(account, subscription, invoice)
  if (subscription.status === 'trialing' || subscription.latest_invoice !== invoice.id) return
  changeSubscription(account, subscription.id, { status: 'active' })
}

/** The money has not come (yet): a subscription that ran is past due, one that never began stays incomplete. */
export function followUnpaid(account: Account, invoice: Stripe.Invoice) {
  const subscription = subscriptionOf(account, invoice)
  if (!subscription || isPendingFor(subscription, invoice)) return
  if (subscription.status !== 'active' && subscription.status !== 'trialing') return
  changeSubscription(account, subscription.id, { status: 'past_due' })
}

/** The money is on its way: nothing is late. */
export function followProcessing(account: Account, invoice: Stripe.Invoice) {
  const subscription = subscriptionOf(account, invoice)
  if (subscription?.status !== 'incomplete') return
  changeSubscription(account, subscription.id, { status: 'active' })
}

/** Void or given up: a subscription that was only waiting for this money waits no longer. */
export function followClosed(account: Account, invoice: Stripe.Invoice) {
  const subscription = subscriptionOf(account, invoice)
  if (subscription && invoice.status === 'void' && isPendingFor(subscription, invoice))
    return dropPendingUpdate(account, subscription.id)
  if (subscription?.status !== 'past_due' || subscription.latest_invoice !== invoice.id) return
  changeSubscription(account, subscription.id, { status: 'active' })
}

/** The last attempt has failed: what the seller chose in the dashboard happens. */
export function followFinalFailure(account: Account, invoice: Stripe.Invoice) {
  const { final_outcome, final_invoice } = account.billing
  if (final_invoice === 'uncollectible') {
    const isSent = invoice.collection_method === 'send_invoice'
    markUncollectible(account, invoice, isSent ? 'payment_not_received' : 'max_payment_attempts')
  }
  const subscription = subscriptionOf(account, invoice)
  if (subscription?.status !== 'past_due') return
  switch (final_outcome) {
    case 'canceled':
      return endSubscription(account, subscription.id, { reason: 'payment_failed' })
    case 'unpaid':
      return changeSubscription(account, subscription.id, { status: 'unpaid' })
    case 'paused':
      return pauseSubscription(account, subscription.id, 'final_payment_failure')
    case 'past_due':
      return subscription
    default:
      return final_outcome satisfies never
  }
}

function resumeIfAsked(
  account: Account,
  { id, latest_invoice }: Stripe.Subscription,
  invoice: Stripe.Invoice,
) {
  if (latest_invoice !== invoice.id || !account.milestones.delete(`resuming/${id}`)) return
  const { status_details: _, ...resumed } = changeSubscription(account, id, { status: 'active' })
  account.subscriptions.save(resumed)
  account.emit('customer.subscription.resumed', resumed)
}
