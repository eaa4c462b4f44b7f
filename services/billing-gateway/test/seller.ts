import { type Payment, paymentSchema, type Subscription, subscriptionSchema } from '@spawnpoint/contracts'
import { derivedId } from '@spawnpoint/messaging'
import { eventually } from '@spawnpoint/stack'
import Stripe from 'stripe'
import { type Gateway, startGateway } from './gateway.ts'

export const day = 86_400
const month = 31 * day

type Endpoint = Parameters<typeof startGateway>[2]
let orders = 0

/** A seller whose buyers pay at the simulated Stripe, and what the gateway makes of it. */
export async function openSeller(endpoint: Endpoint = {}, changes: Record<string, string> = {}) {
  const gateway = await startGateway(undefined, changes, endpoint)
  const client = clientOf(gateway)
  const { stripe, prisma } = gateway

  async function checkOut(mode: 'payment' | 'subscription', { amount = 1_000, currency = 'eur' } = {}) {
    orders += 1
    const orderId = derivedId(`order ${orders}`, 'order')
    const metadata = { order_id: orderId, plan: 'small', region: 'eu' }
    const isOnce = mode === 'payment'
    const session = await client.checkout.sessions.create({
      mode,
      line_items: [
        {
          quantity: 1,
          price_data: {
            currency,
            unit_amount: amount,
            product_data: { name: 'Small' },
            ...(isOnce ? {} : { recurring: { interval: 'month' as const } }),
          },
        },
      ],
      metadata,
      ...(isOnce ? { payment_intent_data: { metadata } } : { subscription_data: { metadata } }),
      success_url: 'https://shop.example.com/thanks',
    })
    return { orderId, sessionId: session.id }
  }

  return {
    ...gateway,
    client,
    checkOut,
    /** Bought once and paid. */
    async sell(terms: Parameters<typeof checkOut>[1] = {}) {
      const { orderId, sessionId } = await checkOut('payment', terms)
      const { session } = stripe.pay(sessionId)
      await becomes(() => paymentOf(sessionId), { status: 'succeeded' })
      return { orderId, paymentId: sessionId, payment_intent: String(session.payment_intent) }
    },
    async subscribe(terms: Parameters<typeof checkOut>[1] = {}) {
      const { orderId, sessionId } = await checkOut('subscription', terms)
      const { session } = stripe.pay(sessionId)
      const subId = String(session.subscription)
      await becomes(() => subscriptionOf(subId), { status: 'active', paid_until: expectIso })
      return { orderId, sessionId, subId, customer: String(session.customer) }
    },
    /** Past the end of the running period, and the hour until its invoice is charged. */
    nextMonth: () => stripe.moveClock({ advance_seconds: month + 2 * 3_600 }),
    invoicesOf: async (subscription: string) =>
      (await client.invoices.list({ subscription, limit: 100 })).data.toSorted(
        (a, b) => a.created - b.created,
      ),
    paymentOf,
    subscriptionOf,
    publishedOf: async (key: string) => {
      const rows = await prisma.outbox.findMany({ where: { key }, orderBy: { seq: 'asc' } })
      return rows.map(({ envelope }) => JSON.parse(envelope))
    },
    resultOf: (eventId: string) => prisma.stripeEvent.findFirst({ where: { eventId } }),
  }

  async function paymentOf(id: string): Promise<Payment | null> {
    const row = await prisma.payment.findUnique({ where: { id } })
    return row ? paymentSchema.parse(JSON.parse(row.state)) : null
  }

  async function subscriptionOf(id: string): Promise<Subscription | null> {
    const row = await prisma.subscription.findUnique({ where: { id } })
    return row && row.version > 0 ? subscriptionSchema.parse(JSON.parse(row.state)) : null
  }
}

export type Seller = Awaited<ReturnType<typeof openSeller>>

/** Some time. */
const expectIso = /^20\d\d-/

/** Waits until what is read has these values; a pattern fits what it matches. */
export function becomes<T extends object>(
  read: () => Promise<T | null>,
  wanted: { [Name in keyof T]?: T[Name] | RegExp },
): Promise<T> {
  return eventually(async () => {
    const found = await read()
    for (const [name, value] of Object.entries(wanted)) {
      const actual: unknown = found && Reflect.get(found, name)
      const fits = value instanceof RegExp ? value.test(String(actual)) : actual === value
      if (!fits) throw new Error(`${name} is ${JSON.stringify(actual)} instead of ${String(value)}`)
    }
    if (!found) throw new Error('There is none')
    return found
  })
}

function clientOf({ stripe }: Gateway): Stripe {
  const { hostname, port } = new URL(stripe.url)
  return new Stripe(stripe.secretKey, { host: hostname, port, protocol: 'http', telemetry: false })
}
