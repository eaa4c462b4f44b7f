import type { Payment } from '@spawnpoint/contracts'
import type Stripe from 'stripe'
import type { ChargeIds } from '../rules/payment.ts'

/** What Stripe files a payment and its refunds under. */
export type Charged = { payment_intent: string } | { charge: string }

/** What was charged for a payment; null where Stripe charged nothing. An invoice does not name it: its payments do. */
export async function findCharged(stripe: Stripe, payment: Payment, ids: ChargeIds): Promise<Charged | null> {
  const intent = payment.payment_intent_id ?? ids.paymentIntentId
  if (intent) return { payment_intent: intent }
  if (ids.chargeId) return { charge: ids.chargeId }
  const invoice = ids.invoiceId ?? (await findInvoice(stripe, payment))
  return invoice ? await chargedFor(stripe, invoice) : null
}

async function findInvoice(stripe: Stripe, payment: Payment): Promise<string | null> {
  if (payment.payment_id.startsWith('in_')) return payment.payment_id
  const { checkout_session_id: sessionId } = payment
  if (!sessionId) return null
  const { invoice } = await stripe.checkout.sessions.retrieve(sessionId)
  return typeof invoice === 'string' ? invoice : (invoice?.id ?? null)
}

async function chargedFor(stripe: Stripe, invoice: string): Promise<Charged | null> {
  const { data } = await stripe.invoicePayments.list({ invoice, status: 'paid', limit: 1 })
  const payment = data[0]?.payment
  const intent = idOf(payment?.payment_intent)
  if (intent) return { payment_intent: intent }
  const charge = idOf(payment?.charge)
  return charge ? { charge } : null
}

function idOf(found: string | { id: string } | null | undefined): string | null {
  return typeof found === 'string' ? found : (found?.id ?? null)
}
