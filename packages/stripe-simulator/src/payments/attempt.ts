import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { formerFieldsOf, formerly } from '../formerly.ts'
import { bankTransfer, charge, sepaDebit, visa } from '../objects/charge.ts'
import { paymentMethod, sepaMethod, transferMethod } from '../objects/payment-method.ts'
import type { Payer } from './payer.ts'

type Method = 'card' | 'bank-debit' | 'bank-transfer'

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
      payment_method_details: details[by],
      status,
      ...overrides,
    }),
    ...former,
  }
}

const makers = { card: paymentMethod, 'bank-debit': sepaMethod, 'bank-transfer': transferMethod }
const details = { card: visa, 'bank-debit': sepaDebit, 'bank-transfer': bankTransfer }

/** A customer keeps the card they paid with first; a guest shows one each time. */
function methodOf(account: Account, intent: Stripe.PaymentIntent, { email, name }: Payer, by: Method) {
  const customer = typeof intent.customer === 'string' ? intent.customer : null
  const type = details[by].type
  const kept =
    customer !== null &&
    account.paymentMethods.all().find((method) => method.customer === customer && method.type === type)
  if (kept) return kept
  const make = makers[by]
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
