import type { Account } from '../account.ts'
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

export function openPaymentIntent(account: Account, { invoice = undefined, ...due }: Due) {
  const opened = account.paymentIntents.save({
    ...paymentIntent({ ...due, status: 'requires_payment_method', created: account.seconds() }),
    [formerly]: { invoice: invoice ?? null },
  })
  account.emit('payment_intent.created', opened)
  return opened
}
