import type { Checkout } from '@spawnpoint/contracts'
import { inTransaction } from '@spawnpoint/database'
import { RequestRefused } from '@spawnpoint/messaging'
import type { PrismaClient } from '../generated/client.ts'
import { type CheckoutRow, insertCheckout, lockCheckout, startAttempt } from '../store/checkouts.ts'

type CheckoutTerms = {
  orderId: string
  requestHash: string
  expiresAt: Date
  /** A renewal may have another price: its terms replace the previous ones once their page is closed. */
  isRenewal?: boolean
}

/** One attempt to create a session; repeated with the same values until there is a response. */
export type Attempt = { attempt: number; expiresAt: Date }

/**
 * The open session of an order, or the attempt to create one with. Its expiry is stored before Stripe is called: under one
 * idempotency key Stripe accepts only the same parameters (API reference, Idempotent requests).
 */
export async function beginCheckout(
  prisma: PrismaClient,
  { orderId, requestHash, expiresAt, isRenewal = false }: CheckoutTerms,
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

// An attempt without a response is repeated while Stripe would still accept its expiry; later a new one is made.
function isFarEnough(expiresAt: Date): boolean {
  return expiresAt.getTime() - Date.now() > shortestMs
}

/** Stripe refuses an earlier expiry (`expires_at`, API reference). */
export const shortestMs = 30 * 60_000

function checkoutOf({ sessionId, url, expiresAt }: CheckoutRow): Checkout {
  if (!sessionId || !url || !expiresAt) throw new Error('A checkout with a session has a page and an expiry')
  return { checkout_session_id: sessionId, checkout_url: url, expires_at: expiresAt.toISOString() }
}
