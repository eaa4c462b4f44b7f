import type { ExpireCheckout, ExpiredCheckout } from '@spawnpoint/contracts'
import { RequestRefused } from '@spawnpoint/messaging'
import type Stripe from 'stripe'
import type { PrismaClient } from '../generated/client.ts'
import { closeCheckout, findCheckout } from '../store/checkouts.ts'
import { asRefusal, isMissing } from '../stripe/errors.ts'

/**
 * Closes the open session of an order. Stripe expires a session only while it is `open` (`checkout.sessions.expire`, API
 * reference) and refuses it once the buyer has completed it, so that of a payment and a cancellation at the same moment one wins.
 */
export function createCheckoutExpirer({ prisma, stripe }: { prisma: PrismaClient; stripe: Stripe }) {
  return async ({ order_id: orderId }: ExpireCheckout): Promise<ExpiredCheckout> => {
    const checkout = await findCheckout(prisma, orderId)
    if (checkout.isPaid) throw completed(orderId)
    const { sessionId } = checkout
    if (sessionId !== null && !(await isExpired(stripe, sessionId))) throw completed(orderId)
    await closeCheckout(prisma, { orderId, sessionId })
    return { checkout_session_id: sessionId }
  }
}

/** Whether it is closed without a payment. */
async function isExpired(stripe: Stripe, sessionId: string): Promise<boolean> {
  try {
    return (await stripe.checkout.sessions.expire(sessionId)).status === 'expired'
  } catch (error) {
    if (isMissing(error)) return true
    const { status } = await stripe.checkout.sessions.retrieve(sessionId).catch((failed) => {
      throw asRefusal(failed)
    })
    // Still open: the error had another cause.
    if (status === 'open') throw asRefusal(error)
    return status === 'expired'
  }
}

function completed(orderId: string): RequestRefused {
  return new RequestRefused(
    'checkout_completed',
    `The checkout of order ${orderId} is completed: it is paid, or its payment is under way.`,
  )
}
