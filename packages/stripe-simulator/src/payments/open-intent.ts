import { type Account, must } from '../account.ts'
import { formerly } from '../formerly.ts'
import { paymentIntent } from '../objects/payment-intent.ts'

type Due = {
  amount: number
  currency: string
  customer: string | null
  description: string | null
  metadata: Record<string, string>
  /** The invoice it pays; it can only be found over its InvoicePayment. */
  invoice?: string
}

export function openPaymentIntent(account: Account, { invoice, ...due }: Due) {
  const opened = account.paymentIntents.save({
    ...paymentIntent({ ...due, status: 'requires_payment_method', created: account.seconds() }),
    [formerly]: { invoice: invoice ?? null },
  })
  account.emit('payment_intent.created', opened)
  return opened
}

/** An intent that a declined card has left behind gets its invoice, and the customer who is known by now. */
export function adoptIntent(
  account: Account,
  id: string,
  { customer, invoice }: { customer: string | null; invoice: string },
) {
  return account.paymentIntents.save({
    ...must(account.paymentIntents, id),
    customer,
    [formerly]: { invoice },
  })
}
