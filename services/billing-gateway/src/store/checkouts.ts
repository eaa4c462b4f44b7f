import type { Checkout } from '@spawnpoint/contracts'
import { inTransaction, sql, type Transaction } from '@spawnpoint/database'
import { RequestRefused } from '@spawnpoint/messaging'
import type { PrismaClient } from '../generated/client.ts'

type Row = {
  attempt: number
  requestHash: string
  sessionId: string | null
  url: string | null
  expiresAt: Date | null
  expired: bigint | number | null
  paymentStatus: string | null
}

type Wanted = {
  orderId: string
  requestHash: string
  expiresAt: Date
  /** Its plan may cost something else by the time it is renewed: other terms count once the page for those of before is closed. */
  isRenewal?: boolean
}

/** One try to have Stripe make a session; repeated with the same values until its answer was seen. */
export type Attempt = { attempt: number; expiresAt: Date }

/**
 * The session that is open for this order, or the attempt under which to ask Stripe for one. Its end is written down before
 * Stripe is asked: under one idempotency key Stripe takes only the same parameters (API reference, Idempotent requests).
 */
export async function beginCheckout(
  prisma: PrismaClient,
  { orderId, requestHash, expiresAt, isRenewal = false }: Wanted,
): Promise<{ open: Checkout } | ({ open: null } & Attempt)> {
  return await inTransaction(prisma, async (tx) => {
    await tx.$executeRaw(
      sql`INSERT INTO checkout (order_id, request_hash, expires_at, created_at)
          VALUES (${orderId}, ${requestHash}, ${expiresAt}, UTC_TIMESTAMP(3))
          ON DUPLICATE KEY UPDATE order_id = checkout.order_id`,
    )
    const row = await lock(tx, orderId)
    const isSame = row.requestHash === requestHash
    if (!isSame && !(isRenewal && isClosed(row)))
      throw new RequestRefused('order_differs', `Order ${orderId} has a checkout for other terms than these.`)
    if (row.paymentStatus === 'succeeded' || row.paymentStatus === 'pending')
      throw new RequestRefused('already_paid', `Order ${orderId} is paid, or its payment is under way.`)
    if (isSame && row.sessionId === null && row.expiresAt !== null && isFarEnough(row.expiresAt))
      return { open: null, attempt: row.attempt, expiresAt: row.expiresAt }
    if (!isClosed(row)) return { open: checkoutOf(row) }
    await tx.$executeRaw(
      sql`UPDATE checkout SET attempt = attempt + 1, session_id = NULL, url = NULL, expires_at = ${expiresAt},
            request_hash = ${requestHash}
          WHERE order_id = ${orderId}`,
    )
    return { open: null, attempt: row.attempt + 1, expiresAt }
  })
}

function isClosed({ sessionId, expired, paymentStatus }: Row): boolean {
  return sessionId === null || Number(expired) === 1 || paymentStatus !== null
}

// A session that nobody saw the answer of is repeated while Stripe would still make it; later it is asked for anew.
function isFarEnough(expiresAt: Date): boolean {
  return expiresAt.getTime() - Date.now() > shortestMs
}

/** Stripe refuses an end sooner than this (`expires_at`, API reference). */
export const shortestMs = 30 * 60_000

async function lock(tx: Transaction, orderId: string): Promise<Row> {
  const [row] = await tx.$queryRaw<Row[]>(
    sql`SELECT checkout.attempt, checkout.request_hash AS requestHash, checkout.session_id AS sessionId, checkout.url,
          checkout.expires_at AS expiresAt, checkout.expires_at <= UTC_TIMESTAMP(3) AS expired,
          COALESCE(
            (SELECT payment.status FROM payment WHERE payment.order_id = checkout.order_id AND payment.status = 'succeeded' LIMIT 1),
            (SELECT payment.status FROM payment WHERE payment.session_id = checkout.session_id LIMIT 1)
          ) AS paymentStatus
        FROM checkout WHERE order_id = ${orderId} FOR UPDATE`,
  )
  if (!row) throw new Error(`The checkout of order ${orderId} was just made and is gone`)
  return row
}

function checkoutOf({ sessionId, url, expiresAt }: Row): Checkout {
  if (!sessionId || !url || !expiresAt) throw new Error('A checkout with a session has its page and its end')
  return { checkout_session_id: sessionId, checkout_url: url, expires_at: expiresAt.toISOString() }
}

/** Both of two callers at once got the same session: they asked under the same attempt. */
export async function recordSession(
  tx: Transaction,
  { orderId, attempt, checkout }: { orderId: string; attempt: number; checkout: Checkout },
): Promise<void> {
  await tx.$executeRaw(
    sql`UPDATE checkout SET session_id = ${checkout.checkout_session_id}, url = ${checkout.checkout_url},
          expires_at = ${new Date(checkout.expires_at)}
        WHERE order_id = ${orderId} AND attempt = ${attempt}`,
  )
}

/** The next request asks under another key, and for another end. */
export async function forgetAttempt(
  tx: Transaction,
  { orderId, attempt }: { orderId: string; attempt: number },
): Promise<void> {
  await tx.$executeRaw(
    sql`UPDATE checkout SET attempt = attempt + 1, expires_at = NULL WHERE order_id = ${orderId} AND attempt = ${attempt} AND session_id IS NULL`,
  )
}

/** The session of an order, and whether it is paid or its payment is under way. */
export async function findCheckout(
  db: Transaction,
  orderId: string,
): Promise<{ sessionId: string | null; isPaid: boolean }> {
  const [row] = await db.$queryRaw<{ sessionId: string | null; paid: bigint | number }[]>(
    sql`SELECT (SELECT session_id FROM checkout WHERE order_id = ${orderId}) AS sessionId,
          EXISTS (SELECT 1 FROM payment WHERE order_id = ${orderId} AND status IN ('succeeded', 'pending')) AS paid`,
  )
  return { sessionId: row?.sessionId ?? null, isPaid: Number(row?.paid) === 1 }
}

/** Whoever asks for its page from now on gets another one; a session being made for it now is nobody's. */
export async function closeCheckout(
  db: Transaction,
  { orderId, sessionId }: { orderId: string; sessionId: string | null },
): Promise<void> {
  await db.$executeRaw(
    sql`UPDATE checkout SET attempt = attempt + 1, session_id = NULL, url = NULL, expires_at = NULL
        WHERE order_id = ${orderId} AND session_id <=> ${sessionId}`,
  )
}
