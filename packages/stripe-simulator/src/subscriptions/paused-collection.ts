import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { markUncollectible, voidInvoice } from '../invoices/close-invoice.ts'
import { finalizeInvoice } from '../invoices/finalize-invoice.ts'
import { changeSubscription } from './change-subscription.ts'
import { collectInvoice } from './collect-invoice.ts'

/**
 * What becomes of a new invoice while collection is paused; the subscription's status stays as it is. `void` leaves the
 * customer's credit alone, a draft stays one until somebody finalizes it, also after collection has resumed.
 * Source: docs.stripe.com/billing/subscriptions/pause-payment; the reason `subscription_paused` is in the SDK's types.
 */
export function closePaused(
  account: Account,
  { behavior }: Stripe.Subscription.PauseCollection,
  draft: Stripe.Invoice,
): Stripe.Invoice {
  if (behavior === 'keep_as_draft') return draft
  if (behavior === 'void') return voidInvoice(account, finalizeInvoice(account, draft, { unasked: true }))
  const open = finalizeInvoice(account, draft)
  if (open.amount_due === 0) return collectInvoice(account, open)
  return markUncollectible(account, open, 'subscription_paused')
}

/** The time that `resumes_at` names has come. */
export function resumeCollection(account: Account, id: string) {
  return changeSubscription(account, id, { pause_collection: null })
}

/** Stripe announces no renewal that it is not going to collect. */
export function isAnnounced({ pause_collection: pause }: Stripe.Subscription, renewal: number) {
  return pause === null || (pause.resumes_at !== null && pause.resumes_at <= renewal)
}
