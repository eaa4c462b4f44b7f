import type Stripe from 'stripe'
import type { Account, Cause } from '../account.ts'
import { subscriptionOf } from '../invoices/draft-invoice.ts'
import { finalizeInvoice } from '../invoices/finalize-invoice.ts'
import { collectInvoice } from './collect-invoice.ts'
import { followFinalFailure, followUnpaid } from './follow-invoice.ts'

/** A draft's time has come: it is charged, or sent to the customer with a due date. */
export function advanceInvoice(account: Account, draft: Stripe.Invoice, cause?: Cause): Stripe.Invoice {
  const open = finalizeInvoice(account, draft, { cause })
  if (open.collection_method === 'charge_automatically' || open.amount_due === 0) {
    return collectInvoice(account, open)
  }
  account.emit('invoice.sent', open, { ...(cause && { cause }) })
  return open
}

/** Its due date has passed. Source: the SDK's description of `Subscription.status` for `send_invoice`. */
export function passDueDate(account: Account, invoice: Stripe.Invoice) {
  account.milestones.add(`due/${invoice.id}`)
  followUnpaid(account, invoice)
}

/** Source: the SDK's description of `invoice.overdue` (days after the due date, set by the seller). */
export function announceOverdue(account: Account, invoice: Stripe.Invoice) {
  account.milestones.add(`overdue/${invoice.id}`)
  account.emit('invoice.overdue', invoice)
}

export function passFinalDeadline(account: Account, invoice: Stripe.Invoice) {
  account.milestones.add(`deadline/${invoice.id}`)
  if (subscriptionOf(account, invoice)) followFinalFailure(account, invoice)
}
