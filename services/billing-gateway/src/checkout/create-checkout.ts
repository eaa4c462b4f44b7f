import { createHash } from 'node:crypto'
import type { Checkout, CreateCheckout } from '@spawnpoint/contracts'
import { derivedId, RequestRefused } from '@spawnpoint/messaging'
import { asciiEmail, failpoint } from '@spawnpoint/service-kit'
import type Stripe from 'stripe'
import type { PrismaClient } from '../generated/client.ts'
import { abandonAttempt, recordSession } from '../store/checkouts.ts'
import { timeAtStripe } from '../stripe/clock.ts'
import { asRefusal, isOddEmail, isOddExpiry, isServersFault } from '../stripe/errors.ts'
import { type Attempt, beginCheckout, shortestMs } from './begin-checkout.ts'

type Pages = { successUrl: string; cancelUrl: string }
type Options = Pages & { prisma: PrismaClient; stripe: Stripe; minutes: number }

/**
 * A Stripe session for an order: the same one for as long as it is open, however often it is requested. The attempt is
 * stored before Stripe is called, and is Stripe's idempotency key: a call without a response is repeated.
 */
export function createCheckoutCreator({ prisma, stripe, minutes, ...pages }: Options) {
  return async (request: CreateCheckout): Promise<Checkout> => {
    try {
      return await openSession(request, new Date())
    } catch (error) {
      if (!isOddExpiry(error)) throw asRefusal(error)
      // The clocks differ: Stripe's counts.
      return await openSession(request, timeAtStripe({ headers: error.headers ?? {} })).catch((second) => {
        throw asRefusal(second)
      })
    }
  }

  async function openSession(request: CreateCheckout, now: Date): Promise<Checkout> {
    const orderId = checkoutKeyOf(request)
    const isRenewal = request.renews !== undefined
    const expiresAt = endOf(now, minutes)
    const begun = await beginCheckout(prisma, { orderId, requestHash: hashOf(request), expiresAt, isRenewal })
    if (begun.open) return begun.open
    const { attempt } = begun
    try {
      failpoint('checkout.before-stripe')
      const session = await callStripe(request, begun)
      failpoint('checkout.after-stripe')
      const checkout = checkoutOf(session)
      await recordSession(prisma, { orderId, attempt, checkout })
      failpoint('checkout.after-commit')
      return checkout
    } catch (error) {
      // Stripe repeats its saved response to a key, even a 500. If there is a session behind it, its page is unknown to everyone.
      if (isServersFault(error) || isOddExpiry(error)) await abandonAttempt(prisma, { orderId, attempt })
      throw error
    }
  }

  async function callStripe(request: CreateCheckout, { attempt, expiresAt }: Attempt) {
    const params = sessionParams(request, { ...pages, expiresAt })
    const idempotencyKey = `checkout:${checkoutKeyOf(request)}:${attempt}`
    try {
      return await stripe.checkout.sessions.create(params, { idempotencyKey })
    } catch (error) {
      if (!isOddEmail(error)) throw error
      const { customer_email: _, ...others } = params
      return await stripe.checkout.sessions.create(others, { idempotencyKey: `${idempotencyKey}:no-email` })
    }
  }
}

/** An order has one checkout, and one more for each of its subscriptions that has ended. */
function checkoutKeyOf({ order_id, renews }: CreateCheckout): string {
  return renews === undefined ? order_id : derivedId(`${order_id}/${renews}`, 'renewal')
}

// A minute of slack within Stripe's limits: the call takes a while, and clocks differ.
const slackMs = 60_000
const longestMs = 24 * 3_600_000

/** Stripe keeps a session open for 30 minutes at least and 24 hours at most (`expires_at`, API reference). */
function endOf(now: Date, minutes: number): Date {
  const openMs = Math.min(Math.max(minutes * 60_000, shortestMs + slackMs), longestMs - slackMs)
  return new Date(Math.floor((now.getTime() + openMs) / 1_000) * 1_000)
}

function hashOf(request: CreateCheckout): string {
  const metadata = Object.entries(request.metadata).sort(([a], [b]) => (a < b ? -1 : 1))
  const { order_id, product_name, price, interval, customer_email } = request
  const parts = [order_id, product_name, price.amount, price.currency, interval, customer_email, metadata]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

function sessionParams(
  request: CreateCheckout,
  { successUrl, cancelUrl, expiresAt }: Pages & { expiresAt: Date },
): Stripe.Checkout.SessionCreateParams {
  const { order_id, product_name, price, interval, customer_email } = request
  const metadata = { ...request.metadata, order_id }
  return {
    mode: interval === null ? 'payment' : 'subscription',
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: price.currency,
          unit_amount: price.amount,
          product_data: { name: product_name },
          ...(interval === null ? {} : { recurring: { interval } }),
        },
      },
    ],
    client_reference_id: order_id,
    customer_email: asciiEmail(customer_email),
    expires_at: expiresAt.getTime() / 1_000,
    metadata,
    ...(interval === null ? { payment_intent_data: { metadata } } : { subscription_data: { metadata } }),
    success_url: successUrl,
    cancel_url: cancelUrl,
  }
}

function checkoutOf({ id, url, expires_at }: Stripe.Checkout.Session): Checkout {
  if (!url) throw new RequestRefused('stripe_refused', `Stripe's session ${id} has no payment page.`)
  return {
    checkout_session_id: id,
    checkout_url: url,
    expires_at: new Date(expires_at * 1000).toISOString(),
  }
}
