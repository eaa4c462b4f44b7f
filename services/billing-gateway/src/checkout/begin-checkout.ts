import type { Checkout } from '@spawnpoint/contracts'
import { inTransaction } from '@spawnpoint/database'
import { RequestRefused } from '@spawnpoint/messaging'
import type { PrismaClient } from '../generated/client.ts'
import { type CheckoutRow, insertCheckout, lockCheckout, startAttempt } from '../store/checkouts.ts'

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
    const begun = { orderId, requestHash, expiresAt }
    await insertCheckout(tx, begun)
    const row = await lockCheckout(tx, orderId)
    const isSame = row.requestHash === requestHash
    if (!isSame && !(isRenewal && isClosed(row)))
      throw new RequestRefused('order_differs', `Order ${orderId} has a checkout for other terms than these.`)
    if (row.paymentStatus === 'succeeded' || row.paymentStatus === 'pending')
      throw new RequestRefused('already_paid', `Order ${orderId} is paid, or its payment is under way.`)
    if (isSame && row.sessionId === null && row.expiresAt !== null && isFarEnough(row.expiresAt))
      return { open: null, attempt: row.attempt, expiresAt: row.expiresAt }
    if (!isClosed(row)) return { open: checkoutOf(row) }
    await startAttempt(tx, begun)
    return { open: null, attempt: row.attempt + 1, expiresAt }
  })
}

function isClosed({ sessionId, expired, paymentStatus }: CheckoutRow): boolean {
  return sessionId === null || Number(expired) === 1 || paymentStatus !== null
}

// A session that nobody saw the answer of is repeated while Stripe would still make it; later it is asked for anew.
function isFarEnough(expiresAt: Date): boolean {
  return expiresAt.getTime() - Date.now() > shortestMs
}

/** Stripe refuses an end sooner than this (`expires_at`, API reference). */
export const shortestMs = 30 * 60_000

function checkoutOf({ sessionId, url, expiresAt }: CheckoutRow): Checkout {
  if (!sessionId || !url || !expiresAt) throw new Error('A checkout with a session has its page and its end')
  return { checkout_session_id: sessionId, checkout_url: url, expires_at: expiresAt.toISOString() }
}
