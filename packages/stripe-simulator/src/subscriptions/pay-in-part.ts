import type Stripe from 'stripe'
import { type Account, must } from '../account.ts'
import { ApiError } from '../api/api-error.ts'
import { markPaid, paymentOf } from '../invoices/settle-invoice.ts'
import { fundInPart, payByTransfer } from '../payments/move-money.ts'
import { payerOf } from '../payments/payer.ts'
import { followPaid } from './follow-invoice.ts'

/** A bank transfer that may be less than what is owed. Source: the SDK's descriptions of `amount_paid` and `partially_funded`. */
export function payInPart(account: Account, id: string, amount: number): Stripe.Invoice {
  const invoice = must(account.invoices, id)
  if (invoice.status !== 'open' || amount > invoice.amount_remaining) {
    throw new ApiError(
      400,
      `The invoice ${id} is ${invoice.status} and waits for ${invoice.amount_remaining}.`,
    )
  }
  const intent = must(account.paymentIntents, String(paymentOf(account, id)?.payment.payment_intent))
  const remaining = invoice.amount_remaining - amount
  if (remaining === 0) {
    payByTransfer(account, intent, payerOf(account, invoice.customer))
    const paid = markPaid(account, invoice)
    followPaid(account, paid)
    return paid
  }
  fundInPart(account, intent, remaining)
  return account.change(
    account.invoices,
    invoice,
    { amount_paid: invoice.amount_paid + amount, amount_remaining: remaining },
    'invoice.updated',
  )
}
