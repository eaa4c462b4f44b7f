import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { Due } from '../clock/agenda.ts'
import { advanceInvoice, announceOverdue, passDueDate, passFinalDeadline } from './advance-invoice.ts'
import { collectInvoice } from './collect-invoice.ts'

/** Drafts that finalize themselves, open invoices that Stripe tries to collect again, and due dates that pass. */
export function* invoiceDues(account: Account): Generator<Due> {
  for (const invoice of account.invoices.all()) {
    if (invoice.status === 'draft') yield* finalization(account, invoice)
    else if (invoice.status === 'open') yield* collection(account, invoice)
  }
}

function* finalization(account: Account, invoice: Stripe.Invoice): Generator<Due> {
  const { automatically_finalizes_at: finalizesAt } = invoice
  if (finalizesAt === null) return
  const at = finalizesAt + (isHeldUp(account, invoice) ? heldUpForS : 0)
  yield { at, rank: 6, act: () => void advanceInvoice(account, invoice) }
}

function* collection(account: Account, invoice: Stripe.Invoice): Generator<Due> {
  const { id, next_payment_attempt: attemptAt, due_date } = invoice
  if (attemptAt !== null) {
    yield { at: attemptAt, rank: 7, act: () => void collectInvoice(account, invoice) }
  }
  if (due_date === null) return
  const { overdue_days, overdue_final_days } = account.billing
  if (!account.milestones.has(`due/${id}`)) {
    yield { at: due_date, rank: 7, act: () => passDueDate(account, invoice) }
  }
  if (!account.milestones.has(`overdue/${id}`)) {
    yield { at: due_date + overdue_days * day, rank: 8, act: () => announceOverdue(account, invoice) }
  }
  if (overdue_final_days !== null && !account.milestones.has(`deadline/${id}`)) {
    yield { at: due_date + overdue_final_days * day, rank: 9, act: () => passFinalDeadline(account, invoice) }
  }
}

const day = 86_400
const heldUpForS = 72 * 3600

function isHeldUp(account: Account, { id }: Stripe.Invoice) {
  const event = account.announced.get(id)
  return account.billing.waits_for_invoice_created && event !== undefined && !account.isTaken(event)
}
