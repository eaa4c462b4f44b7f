import type { Checkout } from '@spawnpoint/contracts'
import { inTransaction, sql, type Transaction } from '@spawnpoint/database'
import { RequestRefused } from '@spawnpoint/messaging'
import type { PrismaClient } from './generated/client.ts'

type Row = {
  attempt: number
  requestHash: string
  sessionId: string | null
  url: string | null
  expiresAt: Date | null
  expired: bigint | number | null
  paymentStatus: string | null
}

/** The session that is open for this order, or the attempt under which to ask Stripe for one. */
export async function beginCheckout(
  prisma: PrismaClient,
  { orderId, requestHash }: { orderId: string; requestHash: string },
): Promise<{ open: Checkout } | { open: null; attempt: number }> {
  return await inTransaction(prisma, async (tx) => {
    await tx.$executeRaw(
      sql`INSERT INTO checkout (order_id, request_hash, created_at) VALUES (${orderId}, ${requestHash}, UTC_TIMESTAMP(3))
          ON DUPLICATE KEY UPDATE order_id = checkout.order_id`,
    )
    const row = await lock(tx, orderId)
    if (row.requestHash !== requestHash)
      throw new RequestRefused('order_differs', `Order ${orderId} has a checkout for other terms than these.`)
    if (row.paymentStatus === 'succeeded' || row.paymentStatus === 'pending')
      throw new RequestRefused('already_paid', `Order ${orderId} is paid, or its payment is under way.`)
    if (row.sessionId === null) return { open: null, attempt: row.attempt }
    const isOver = Number(row.expired) === 1 || row.paymentStatus !== null
    if (!isOver) return { open: checkoutOf(row) }
    await tx.$executeRaw(
      sql`UPDATE checkout SET attempt = attempt + 1, session_id = NULL, url = NULL, expires_at = NULL
          WHERE order_id = ${orderId}`,
    )
    return { open: null, attempt: row.attempt + 1 }
  })
}

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

/** The next request asks under another key. */
export async function forgetAttempt(
  tx: Transaction,
  { orderId, attempt }: { orderId: string; attempt: number },
): Promise<void> {
  await tx.$executeRaw(
    sql`UPDATE checkout SET attempt = attempt + 1 WHERE order_id = ${orderId} AND attempt = ${attempt} AND session_id IS NULL`,
  )
}
