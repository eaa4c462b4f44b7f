import type { Checkout } from '@spawnpoint/contracts'
import { sql, type Transaction } from '@spawnpoint/database'
import type { Tx } from './tx.ts'

export type CheckoutRow = {
  attempt: number
  requestHash: string
  sessionId: string | null
  url: string | null
  expiresAt: Date | null
  expired: bigint | number | null
  paymentStatus: string | null
}

type Begun = { orderId: string; requestHash: string; expiresAt: Date }

/** An existing one is left unchanged. */
export async function insertCheckout(
  tx: Transaction,
  { orderId, requestHash, expiresAt }: Begun,
): Promise<void> {
  await tx.$executeRaw(
    sql`INSERT INTO checkout (order_id, request_hash, expires_at, created_at)
        VALUES (${orderId}, ${requestHash}, ${expiresAt}, UTC_TIMESTAMP(3))
        ON DUPLICATE KEY UPDATE order_id = checkout.order_id`,
  )
}

export async function lockCheckout(tx: Transaction, orderId: string): Promise<CheckoutRow> {
  const [row] = await tx.$queryRaw<CheckoutRow[]>(
    sql`SELECT checkout.attempt, checkout.request_hash AS requestHash, checkout.session_id AS sessionId, checkout.url,
          checkout.expires_at AS expiresAt, checkout.expires_at <= UTC_TIMESTAMP(3) AS expired,
          COALESCE(
            (SELECT payment.status FROM payment WHERE payment.order_id = checkout.order_id AND payment.status = 'succeeded' LIMIT 1),
            (SELECT payment.status FROM payment WHERE payment.session_id = checkout.session_id LIMIT 1)
          ) AS paymentStatus
        FROM checkout WHERE order_id = ${orderId} FOR UPDATE`,
  )
  if (!row) throw new Error(`The checkout of order ${orderId} was just inserted and is missing`)
  return row
}

/** The next attempt has another key. */
export async function startAttempt(tx: Tx, { orderId, requestHash, expiresAt }: Begun): Promise<void> {
  await tx.checkout.updateMany({
    where: { orderId },
    data: { attempt: { increment: 1 }, sessionId: null, url: null, expiresAt, requestHash },
  })
}

/** Two concurrent callers get the same session: they use the same attempt. */
export async function recordSession(
  tx: Tx,
  { orderId, attempt, checkout }: { orderId: string; attempt: number; checkout: Checkout },
): Promise<void> {
  await tx.checkout.updateMany({
    where: { orderId, attempt },
    data: {
      sessionId: checkout.checkout_session_id,
      url: checkout.checkout_url,
      expiresAt: new Date(checkout.expires_at),
    },
  })
}

/** The next request uses another key and another expiry. */
export async function abandonAttempt(
  tx: Tx,
  { orderId, attempt }: { orderId: string; attempt: number },
): Promise<void> {
  await tx.checkout.updateMany({
    where: { orderId, attempt, sessionId: null },
    data: { attempt: { increment: 1 }, expiresAt: null },
  })
}

/** The session of an order, and whether it is paid or its payment is under way. */
export async function findCheckout(
  db: Tx,
  orderId: string,
): Promise<{ sessionId: string | null; isPaid: boolean }> {
  const checkout = await db.checkout.findUnique({ where: { orderId }, select: { sessionId: true } })
  const payment = await db.payment.findFirst({
    where: { orderId, status: { in: ['succeeded', 'pending'] } },
    select: { id: true },
  })
  return { sessionId: checkout?.sessionId ?? null, isPaid: payment !== null }
}

/** Later requests get another session; one that is being created now is discarded. */
export async function closeCheckout(
  db: Tx,
  { orderId, sessionId }: { orderId: string; sessionId: string | null },
): Promise<void> {
  await db.checkout.updateMany({
    where: { orderId, sessionId },
    data: { attempt: { increment: 1 }, sessionId: null, url: null, expiresAt: null },
  })
}
