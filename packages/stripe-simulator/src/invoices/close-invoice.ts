import type Stripe from 'stripe'
import type { Account, Cause } from '../account.ts'
import { ApiError } from '../api/api-error.ts'
import { cancelIntent } from '../payments/move-money.ts'
import { paymentOf } from './settle-invoice.ts'

/** Nothing is owed any more, as if it had never been asked for. */
export function voidInvoice(account: Account, invoice: Stripe.Invoice, cause?: Cause): Stripe.Invoice {
  refuseUnless(['open', 'uncollectible'], invoice, 'voided')
  const now = account.seconds()
  dropPayment(account, invoice.id)
  returnBalance(account, invoice)
  const voided = account.invoices.save({
    ...invoice,
    auto_advance: false,
    next_payment_attempt: null,
    status: 'void',
    status_transitions: { ...invoice.status_transitions, voided_at: now },
  })
  account.emit('invoice.voided', voided, { ...(cause && { cause }) })
  return voided
}

/** Credit that a void invoice had used is the customer's again. Source: docs.stripe.com/billing/customer/balance. */
function returnBalance(account: Account, { customer, starting_balance, ending_balance }: Stripe.Invoice) {
  const used = (ending_balance ?? starting_balance) - starting_balance
  const before = account.customers.get(String(customer))
  if (!before || used === 0) return
  account.change(account.customers, before, { balance: before.balance - used }, 'customer.updated')
}

/** The seller no longer expects this money; it could still be paid. */
export function markUncollectible(
  account: Account,
  invoice: Stripe.Invoice,
  reason: Stripe.Invoice.StatusDetails.Uncollectible.Reason,
  cause?: Cause,
): Stripe.Invoice {
  refuseUnless(['open'], invoice, 'marked uncollectible')
  const given = account.invoices.save({
    ...invoice,
    auto_advance: false,
    next_payment_attempt: null,
    status: 'uncollectible',
    status_details: { uncollectible: { reason } },
    status_transitions: { ...invoice.status_transitions, marked_uncollectible_at: account.seconds() },
  })
  account.emit('invoice.marked_uncollectible', given, { ...(cause && { cause }) })
  return given
}

/** It stays what it is, but Stripe does nothing about it by itself any more. */
export function stopCollecting(account: Account, invoice: Stripe.Invoice): Stripe.Invoice {
  if (!invoice.auto_advance && invoice.next_payment_attempt === null) return invoice
  return account.change(
    account.invoices,
    invoice,
    { auto_advance: false, automatically_finalizes_at: null, next_payment_attempt: null },
    'invoice.updated',
  )
}

/** Its payment intent is not needed any more. */
export function dropPayment(account: Account, invoice: string) {
  const payment = paymentOf(account, invoice)
  if (payment?.status !== 'open') return
  account.invoicePayments.save({
    ...payment,
    status: 'canceled',
    status_transitions: { canceled_at: account.seconds(), paid_at: null },
  })
  cancelIntent(account, String(payment.payment.payment_intent), 'void_invoice')
}

function refuseUnless(statuses: string[], { status }: Stripe.Invoice, what: string) {
  if (statuses.includes(String(status))) return
  throw new ApiError(400, `This invoice cannot be ${what}: it is ${status}.`, {
    code: 'invoice_not_editable',
  })
}
