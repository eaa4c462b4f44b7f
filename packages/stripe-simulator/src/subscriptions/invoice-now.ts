import type Stripe from 'stripe'
import type { Account, Cause } from '../account.ts'
import { subscriptionOf } from '../invoices/draft-invoice.ts'
import { advanceInvoice } from './advance-invoice.ts'
import { closePaused } from './paused-collection.ts'

/** What a change asks for does not wait an hour as a draft, unless collection is paused. */
export function invoiceNow(account: Account, draft: Stripe.Invoice, cause: Cause): Stripe.Invoice {
  const pause = subscriptionOf(account, draft)?.pause_collection
  return pause ? closePaused(account, pause, draft) : advanceInvoice(account, draft, cause)
}
