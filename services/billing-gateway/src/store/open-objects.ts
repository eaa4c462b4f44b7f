import { sql, type Transaction } from '@spawnpoint/database'
import type Stripe from 'stripe'
import { readInvoice } from '../stripe/complete-lists.ts'

type Open = Stripe.Checkout.Session | Stripe.Invoice | Stripe.Subscription | Stripe.Refund | Stripe.Dispute
export type OpenObject = { kind: string; retrieve: (stripe: Stripe) => Promise<Stripe.Response<Open>> }

const atMost = 200

/** What is not over by what we know, and may have gone on without our hearing of it: the longest untouched first. */
export async function findOpenObjects(db: Transaction): Promise<OpenObject[]> {
  const [sessions, invoices, refunds, disputes] = [
    await idsOf(
      db,
      sql`SELECT session_id AS id FROM payment
      WHERE status = 'pending' AND session_id IS NOT NULL ORDER BY updated_at LIMIT ${atMost}`,
    ),
    await idsOf(
      db,
      sql`SELECT invoice_id AS id FROM payment
      WHERE status IN ('pending', 'failed') AND invoice_id IS NOT NULL AND updated_at > UTC_TIMESTAMP(3) - INTERVAL 60 DAY
      ORDER BY updated_at LIMIT ${atMost}`,
    ),
    await idsOf(
      db,
      sql`SELECT id FROM refund WHERE status IN ('pending', 'requires_action') ORDER BY as_of LIMIT ${atMost}`,
    ),
    await idsOf(
      db,
      sql`SELECT id FROM dispute
      WHERE status NOT IN ('won', 'lost', 'warning_closed', 'charge_refunded', 'prevented') ORDER BY as_of LIMIT ${atMost}`,
    ),
  ]
  return [
    ...sessions.map(
      (id): OpenObject => ({
        kind: 'sessions',
        retrieve: (stripe) => stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] }),
      }),
    ),
    ...invoices.map(
      (id): OpenObject => ({
        kind: 'invoices',
        retrieve: (stripe) => readInvoice(stripe, id),
      }),
    ),
    ...refunds.map(
      (id): OpenObject => ({ kind: 'refunds', retrieve: (stripe) => stripe.refunds.retrieve(id) }),
    ),
    ...disputes.map(
      (id): OpenObject => ({ kind: 'disputes', retrieve: (stripe) => stripe.disputes.retrieve(id) }),
    ),
  ]
}

/** Of our subscriptions that are not over: those that Stripe did not show among its own. */
export async function findLostSubscriptions(
  db: Transaction,
  living: ReadonlySet<string>,
): Promise<OpenObject[]> {
  const ids = await idsOf(
    db,
    sql`SELECT id FROM subscription WHERE status NOT IN ('canceled', 'incomplete_expired')`,
  )
  return ids
    .filter((id) => !living.has(id))
    .map((id) => ({ kind: 'subscriptions', retrieve: (stripe) => stripe.subscriptions.retrieve(id) }))
}

async function idsOf(db: Transaction, query: Parameters<Transaction['$queryRaw']>[0]): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>(query)
  return rows.map(({ id }) => id)
}
