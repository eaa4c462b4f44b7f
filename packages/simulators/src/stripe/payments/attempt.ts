import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { formerFieldsOf, formerly } from '../formerly.ts'
import { charge, sepaDebit, visa } from '../objects/charge.ts'
import { paymentMethod, sepaMethod } from '../objects/payment-method.ts'
import type { Payer } from './payer.ts'

type Method = 'card' | 'bank-debit'

/** One attempt to take the money of an intent: a charge, not yet kept. */
export function attempt(
  account: Account,
  intent: Stripe.PaymentIntent,
  payer: Payer,
  {
    status,
    by = 'card',
    ...overrides
  }: Partial<Stripe.Charge> & { status: Stripe.Charge.Status; by?: Method },
): Stripe.Charge {
  const method = methodOf(account, intent, payer, by)
  const former = { [formerly]: formerFieldsOf(intent) }
  return {
    ...charge({
      amount: intent.amount,
      billing_details: { address: null, email: payer.email, name: payer.name, phone: null, tax_id: null },
      created: account.seconds(),
      currency: intent.currency,
      customer: intent.customer,
      description: intent.description,
      metadata: intent.metadata,
      payment_intent: intent.id,
      payment_method: method.id,
      payment_method_details: by === 'card' ? visa : sepaDebit,
      status,
      ...overrides,
    }),
    ...former,
  }
}

/** A customer keeps the card they paid with first; a guest shows one each time. */
function methodOf(account: Account, intent: Stripe.PaymentIntent, { email, name }: Payer, by: Method) {
  const customer = typeof intent.customer === 'string' ? intent.customer : null
  const type = by === 'card' ? 'card' : 'sepa_debit'
  const kept =
    customer !== null &&
    account.paymentMethods.all().find((method) => method.customer === customer && method.type === type)
  if (kept) return kept
  const make = by === 'card' ? paymentMethod : sepaMethod
  const method = account.paymentMethods.save(
    make({
      billing_details: { address: null, email, name, phone: null, tax_id: null },
      created: account.seconds(),
      customer,
    }),
  )
  if (customer !== null) account.emit('payment_method.attached', method)
  return method
}
