import type Stripe from 'stripe'
import { type Account, must } from '../account.ts'
import { ApiError } from '../api/api-error.ts'
import { dropPayment } from '../invoices/close-invoice.ts'
import { markPaid, paymentOf } from '../invoices/settle-invoice.ts'
import { invoicePayment } from '../objects/invoice-payment.ts'
import { payByCard } from '../payments/move-money.ts'
import { openPaymentIntent } from '../payments/open-intent.ts'
import { payerOf } from '../payments/payer.ts'
import { followPaid } from './follow-invoice.ts'

/**
 * A part of an open invoice is paid by a PaymentIntent of its own. The invoice's default payment then asks for the rest, and is
 * cancelled once nothing is left. Sources: docs.stripe.com/invoicing/partial-payments, docs.stripe.com/api/invoices/attach_payment,
 * the SDK's description of `InvoicePayment.is_default`.
 */
export function attachPayment(account: Account, id: string, amount: number): Stripe.Invoice {
  const invoice = must(account.invoices, id)
  if (invoice.status !== 'open' || amount > invoice.amount_remaining)
    throw new ApiError(
      400,
      `The invoice ${id} is ${invoice.status} and waits for ${invoice.amount_remaining}.`,
    )
  payApart(account, invoice, amount)
  const remaining = invoice.amount_remaining - amount
  if (remaining > 0) return askForRest(account, invoice, { amount, remaining })
  dropPayment(account, id)
  const paid = markPaid(account, invoice, { attempted: false })
  followPaid(account, paid)
  return paid
}

/**
 * One PaymentIntent pays all that is left of several open invoices of a customer. Its charge names none of them. Sources:
 * docs.stripe.com/api/invoices/attach_payment, the SDK's description of `InvoicePayment.amount_paid` (a PaymentIntent may be more
 * than its part for one invoice).
 */
export function attachToSeveral(account: Account, ids: string[]): Stripe.Invoice[] {
  const invoices = ids.map((id) => must(account.invoices, id))
  const [first] = invoices
  if (!first || invoices.some(({ status }) => status !== 'open'))
    throw new ApiError(400, `Only open invoices can be paid together: ${ids.join(', ')}.`)
  const amount = invoices.reduce((sum, { amount_remaining }) => sum + amount_remaining, 0)
  const intent = payAtOnce(account, first, amount)
  for (const invoice of invoices) recordPart(account, invoice, { intent, amount: invoice.amount_remaining })
  return invoices.map((invoice) => {
    dropPayment(account, invoice.id)
    const paid = markPaid(account, invoice, { attempted: false })
    followPaid(account, paid)
    return paid
  })
}

function payApart(account: Account, invoice: Stripe.Invoice, amount: number) {
  recordPart(account, invoice, { intent: payAtOnce(account, invoice, amount), amount })
}

function payAtOnce(account: Account, { id, customer: payer, currency }: Stripe.Invoice, amount: number) {
  const customer = String(payer)
  const due = { amount, currency, customer, description: null, metadata: {}, invoice: id }
  return payByCard(account, openPaymentIntent(account, due), payerOf(account, customer))
}

type Part = { intent: Stripe.PaymentIntent; amount: number }

function recordPart(account: Account, invoice: Stripe.Invoice, { intent, amount }: Part) {
  const paying = invoicePayment(invoice, intent.id, {
    amount_paid: amount,
    amount_requested: amount,
    created: account.seconds(),
    is_default: false,
  })
  account.emit('invoice_payment.paid', account.invoicePayments.save(paying))
}

function askForRest(
  account: Account,
  invoice: Stripe.Invoice,
  { amount, remaining }: { amount: number; remaining: number },
) {
  const byDefault = paymentOf(account, invoice.id)
  if (byDefault) {
    account.invoicePayments.save({ ...byDefault, amount_requested: remaining })
    const intent = must(account.paymentIntents, String(byDefault.payment.payment_intent))
    account.paymentIntents.save({ ...intent, amount: remaining })
  }
  return account.change(
    account.invoices,
    invoice,
    { amount_paid: invoice.amount_paid + amount, amount_remaining: remaining },
    'invoice.updated',
  )
}
