import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { Due } from '../clock/agenda.ts'
import { finalizeInvoice } from '../invoices/finalize-invoice.ts'
import { collectInvoice } from './collect-invoice.ts'

/** Drafts that finalize themselves, and open invoices that Stripe tries to collect again. */
export function* invoiceDues(account: Account): Generator<Due> {
  for (const invoice of account.invoices.all()) {
    const due = dueOf(account, invoice)
    if (due) yield due
  }
}

function dueOf(account: Account, invoice: Stripe.Invoice): Due | undefined {
  const { status, automatically_finalizes_at: finalizesAt, next_payment_attempt: attemptAt } = invoice
  if (status === 'draft' && finalizesAt !== null) {
    return {
      at: finalizesAt + (isHeldUp(account, invoice) ? heldUpForS : 0),
      rank: 6,
      act: () => void collectInvoice(account, finalizeInvoice(account, invoice)),
    }
  }
  if (status === 'open' && attemptAt !== null) {
    return { at: attemptAt, rank: 7, act: () => void collectInvoice(account, invoice) }
  }
  return undefined
}

const heldUpForS = 72 * 3600

function isHeldUp(account: Account, { id }: Stripe.Invoice) {
  const event = account.announced.get(id)
  return account.billing.waits_for_invoice_created && event !== undefined && !account.isTaken(event)
}
