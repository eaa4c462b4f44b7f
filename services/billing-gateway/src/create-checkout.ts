import { createHash } from 'node:crypto'
import type { Checkout, CreateCheckout } from '@spawnpoint/contracts'
import { RequestRefused } from '@spawnpoint/messaging'
import { step } from '@spawnpoint/service-kit'
import type Stripe from 'stripe'
import { beginCheckout, forgetAttempt, recordSession } from './checkouts.ts'
import type { PrismaClient } from './generated/client.ts'
import { asRefusal, isServersFault } from './stripe-client.ts'

type Options = { prisma: PrismaClient; stripe: Stripe; successUrl: string; cancelUrl: string }

/**
 * A Stripe session for an order: the same one for as long as it is open, however often it is asked for. The attempt is
 * written down before Stripe is called, and is Stripe's idempotency key: a call that nobody saw the answer of is repeated.
 */
export function createCheckoutSession({ prisma, stripe, successUrl, cancelUrl }: Options) {
  return async (request: CreateCheckout): Promise<Checkout> => {
    const { order_id: orderId } = request
    const begun = await beginCheckout(prisma, { orderId, requestHash: hashOf(request) })
    if (begun.open) return begun.open
    const { attempt } = begun
    try {
      step('checkout.before-stripe')
      const session = await stripe.checkout.sessions.create(
        sessionParams(request, { successUrl, cancelUrl }),
        {
          idempotencyKey: `checkout:${orderId}:${attempt}`,
        },
      )
      step('checkout.after-stripe')
      const checkout = checkoutOf(session)
      await recordSession(prisma, { orderId, attempt, checkout })
      step('checkout.after-commit')
      return checkout
    } catch (error) {
      // Stripe repeats its saved answer to a key, a 500 too. A session that may be behind it has a page that nobody knows.
      if (isServersFault(error)) await forgetAttempt(prisma, { orderId, attempt })
      throw asRefusal(error)
    }
  }
}

function hashOf(request: CreateCheckout): string {
  const metadata = Object.entries(request.metadata).sort(([a], [b]) => (a < b ? -1 : 1))
  const { order_id, product_name, price, interval, customer_email } = request
  const parts = [order_id, product_name, price.amount, price.currency, interval, customer_email, metadata]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

function sessionParams(
  request: CreateCheckout,
  { successUrl, cancelUrl }: Pick<Options, 'successUrl' | 'cancelUrl'>,
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
    customer_email,
    metadata,
    ...(interval === null ? { payment_intent_data: { metadata } } : { subscription_data: { metadata } }),
    success_url: successUrl,
    cancel_url: cancelUrl,
  }
}

function checkoutOf({ id, url, expires_at }: Stripe.Checkout.Session): Checkout {
  if (!url) throw new RequestRefused('stripe_refused', `Stripe's session ${id} has no page to pay on.`)
  return {
    checkout_session_id: id,
    checkout_url: url,
    expires_at: new Date(expires_at * 1000).toISOString(),
  }
}
