import type Stripe from 'stripe'
import type { StoredPayment } from '../rules/stored-payment.ts'
import { all } from './complete-lists.ts'

/** What Stripe files a payment and its refunds under. */
export type Charged = { payment_intent: string } | { charge: string }

/** `amount`: what of the invoice it paid, in minor units; null where it alone paid. */
export type ChargedPart = { charged: Charged; amount: number | null }

/**
 * What was charged for a payment, in a stable order; empty where Stripe charged nothing. An invoice does not name it: its payments
 * do, and there may be several. Source: docs.stripe.com/invoicing/partial-payments.
 */
export async function findCharged(stripe: Stripe, payment: StoredPayment): Promise<ChargedPart[]> {
  const known = payment.charged_by
  const invoice = payment.invoice_id ?? (known.length === 0 ? await findInvoice(stripe, payment) : null)
  const parts = invoice === null ? [] : await partsOf(stripe, invoice)
  if (parts.length > 0) return parts
  const intents = known.filter((id) => id.startsWith('pi_'))
  // Each PaymentIntent may have been named by its charge too.
  return intents.length > 0
    ? intents.map((payment_intent) => ({ charged: { payment_intent }, amount: null }))
    : known.map((charge) => ({ charged: { charge }, amount: null }))
}

export function idOfCharged(charged: Charged): string {
  return 'charge' in charged ? charged.charge : charged.payment_intent
}

async function findInvoice(
  stripe: Stripe,
  { payment_id: id, checkout_session_id: sessionId }: StoredPayment,
): Promise<string | null> {
  if (id.startsWith('in_')) return id
  if (!sessionId) return null
  const { invoice } = await stripe.checkout.sessions.retrieve(sessionId)
  return typeof invoice === 'string' ? invoice : (invoice?.id ?? null)
}

async function partsOf(stripe: Stripe, invoice: string): Promise<ChargedPart[]> {
  const paid = await all(stripe.invoicePayments.list({ invoice, status: 'paid', limit: 100 }))
  const parts = paid.flatMap(({ payment, amount_paid: amount }): ChargedPart[] => {
    const payment_intent = idOf(payment.payment_intent)
    const charge = idOf(payment.charge)
    if (payment_intent) return [{ charged: { payment_intent }, amount }]
    return charge ? [{ charged: { charge }, amount }] : []
  })
  const [only, ...others] = parts.toSorted((a, b) =>
    idOfCharged(a.charged) < idOfCharged(b.charged) ? -1 : 1,
  )
  if (!only) return []
  return others.length === 0 ? [{ ...only, amount: null }] : [only, ...others]
}

function idOf(found: string | { id: string } | null | undefined): string | null {
  return typeof found === 'string' ? found : (found?.id ?? null)
}
