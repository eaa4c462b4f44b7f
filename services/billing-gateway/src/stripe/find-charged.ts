import type { Payment } from '@spawnpoint/contracts'
import { sql, type Transaction } from '@spawnpoint/database'
import type Stripe from 'stripe'

/** Under what Stripe keeps the money that came in, and what goes back of it. */
export type Charged = { payment_intent: string } | { charge: string }

type Ids = { paymentIntentId: string | null; chargeId: string | null; invoiceId: string | null }

/** Where the money of a payment is; null where Stripe took none. An invoice does not say it: its payments do. */
export async function findCharged(
  db: Transaction,
  stripe: Stripe,
  payment: Payment,
): Promise<Charged | null> {
  const ids = await readIds(db, payment.payment_id)
  const intent = payment.payment_intent_id ?? ids.paymentIntentId
  if (intent) return { payment_intent: intent }
  if (ids.chargeId) return { charge: ids.chargeId }
  const invoice = ids.invoiceId ?? (await findInvoice(stripe, payment))
  return invoice ? await chargedFor(stripe, invoice) : null
}

async function readIds(db: Transaction, paymentId: string): Promise<Ids> {
  const [row] = await db.$queryRaw<Ids[]>(
    sql`SELECT payment_intent_id AS paymentIntentId, charge_id AS chargeId, invoice_id AS invoiceId
        FROM payment WHERE id = ${paymentId}`,
  )
  return row ?? { paymentIntentId: null, chargeId: null, invoiceId: null }
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
