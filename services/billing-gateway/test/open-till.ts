import { rmSync } from 'node:fs'
import { type OrderState, type RefundRequest, refundRequestSchema } from '@spawnpoint/contracts'
import { adapter } from '@spawnpoint/database'
import { appendOutbox, connectNats, derivedId, newEvent, startMessaging } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import {
  eventually,
  freePort,
  owning,
  startService,
  testDatabase,
  testDirectory,
  testNats,
} from '@spawnpoint/stack'
import { startStripe } from '@spawnpoint/stripe-simulator'
import Stripe from 'stripe'
import { envSchema } from '../src/env.ts'
import { PrismaClient } from '../src/generated/client.ts'
import { startBillingGateway } from '../src/service.ts'

const apiKey = 'a-key-of-sixteen-or-more'
const log = createLogger({ service: 'test', level: 'silent' })

type Backfill = {
  is_over: boolean
  error: string | null
  finished_at: string | null
  events_up_to: string | null
  report: Record<string, { looked_at: number; missing: number; changed: number; unreadable: number }>
}

export type Till = Awaited<ReturnType<typeof openTill>>

/**
 * A schema, a NATS and a simulated Stripe, the voice of the order service, and gateways on them: started and stopped at will,
 * in this process or as one of their own. All listen on the same port, which Stripe's webhook points at.
 */
export async function openTill({ timeScale = 0.01 }: { timeScale?: number } = {}) {
  const owned = owning()
  const database = owned.own(await testDatabase('billing'))
  const nats = owned.own(await testNats())
  const stripe = owned.own(await startStripe({ timeScale: 0.002 }))
  const prisma = new PrismaClient({ adapter: adapter(database.url, { connectionLimit: 2 }) })
  owned.own({ [Symbol.asyncDispose]: () => prisma.$disconnect() })
  const orders = owned.own(await orderVoice(nats.url))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const webhook = stripe.addWebhook(`${url}/webhooks/stripe`)
  const logsDir = testDirectory('till')
  owned.own({ [Symbol.dispose]: () => rmSync(logsDir, { recursive: true, force: true }) })

  const env = {
    DATABASE_URL: database.url,
    NATS_URL: nats.urls['billing-gateway'],
    PORT: String(port),
    LOG_LEVEL: 'silent',
    TIME_SCALE: String(timeScale),
    API_KEYS: `anna:${apiKey}`,
    STRIPE_SECRET_KEY: stripe.secretKey,
    STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
    STRIPE_API_URL: stripe.url,
    CHECKOUT_SUCCESS_URL: 'https://shop.example.com/thanks',
    CHECKOUT_CANCEL_URL: 'https://shop.example.com/cart',
    REFUNDS: 'automatic',
    CATCH_UP_MINUTES: '0',
  }
  const { hostname, port: stripePort } = new URL(stripe.url)
  const client = new Stripe(stripe.secretKey, {
    host: hostname,
    port: stripePort,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  })

  async function payAtStripe(orderId: string, amount = 1_000) {
    const { id } = await client.checkout.sessions.create(sessionOf(orderId, amount))
    const { session } = stripe.pay(id)
    return { paymentId: id, payment_intent: String(session.payment_intent) }
  }

  return {
    url,
    env,
    nats,
    stripe,
    /** The seller at Stripe's dashboard. */
    client,
    prisma,
    databaseUrl: database.url,
    logsDir,
    own: owned.own,
    start: (changes: Record<string, string> = {}) =>
      startBillingGateway(envSchema.parse({ ...env, ...changes })),
    startProcess: (changes: Record<string, string> = {}, nodeArgs: string[] = []) =>
      startService({ name: 'billing-gateway', env: { ...env, ...changes }, port, logsDir, nodeArgs }),
    async call<Body = object>(path: string, method = 'GET', body?: object) {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
      return { status: response.status, body: (await response.json()) as Body }
    },
    /** Everything compared with Stripe, to the end; what was found, by kind. */
    async backfill() {
      await this.call('/admin/catch-up', 'POST')
      return await eventually(
        async () => {
          const { body } = await this.call<Backfill>('/admin/catch-up')
          if (!body.is_over) throw new Error('It still goes on')
          return body
        },
        { timeoutMs: 60_000 },
      )
    },
    /** A checkout that is paid and known here as the payment of its order. */
    async sell(orderId: string, amount = 1_000) {
      const sold = await payAtStripe(orderId, amount)
      await eventually(() => prisma.payment.findUniqueOrThrow({ where: { id: sold.paymentId } }))
      return sold
    },
    /** From now on Stripe sends nothing: what happens, only its lists have. */
    disableWebhook: () => stripe.setWebhook(webhook.id, 'disabled'),
    /** A paid session, whether or not a webhook arrives. */
    payAtStripe,
    /** A paid first period, whether or not a webhook arrives. */
    async subscribeAtStripe(orderId: string, amount = 1_000) {
      const { id } = await client.checkout.sessions.create(sessionOf(orderId, amount, 'month'))
      const { session } = stripe.pay(id)
      return {
        sessionId: id,
        subscriptionId: String(session.subscription),
        customer: String(session.customer),
      }
    },
    /** The order service requests a refund of this payment. */
    requestRefund: orders.requestRefund,
    refundsOf: async (payment_intent: string) => (await client.refunds.list({ payment_intent })).data,
    becomes: (id: string, status: string) =>
      eventually(
        async () => {
          const request = await prisma.refundRequest.findUniqueOrThrow({ where: { id } })
          if (request.status !== status)
            throw new Error(`The request is ${request.status}: ${request.error ?? request.note}`)
          return request
        },
        { timeoutMs: 60_000 },
      ),
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  }
}

function sessionOf(orderId: string, amount: number, interval?: 'month'): Stripe.Checkout.SessionCreateParams {
  const metadata = { order_id: orderId, plan: 'small', region: 'eu' }
  return {
    mode: interval ? 'subscription' : 'payment',
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: 'eur',
          unit_amount: amount,
          product_data: { name: 'Small' },
          ...(interval ? { recurring: { interval } } : {}),
        },
      },
    ],
    metadata,
    ...(interval ? { subscription_data: { metadata } } : { payment_intent_data: { metadata } }),
    success_url: 'https://shop.example.com/thanks',
  }
}

type Asked = { paymentId: string; orderId: string; amount?: number }

async function orderVoice(natsUrl: string) {
  // Its outbox; the rest of the schema is not used.
  const database = await testDatabase('billing')
  const prisma = new PrismaClient({ adapter: adapter(database.url) })
  const nats = connectNats({ url: natsUrl, name: 'order', log })
  const messaging = startMessaging({ prisma, nats, stream: 'ORDER', timeScale: 0.1, log })
  return {
    async requestRefund({ paymentId, orderId, amount = 1_000 }: Asked): Promise<string> {
      const request = refundRequestSchema.parse({
        refund_request_id: derivedId(orderId, 'refund'),
        payment_id: paymentId,
        amount: { amount, currency: 'eur' },
        reason: 'Nothing could be delivered.',
      })
      const event = newEvent({
        source: 'order',
        cause: `${orderId}/2`,
        type: 'order.refund_requested',
        subject: orderId,
        version: 2,
        data: orderOf(orderId, request),
        time: new Date(),
      })
      await appendOutbox(prisma, [event])
      messaging.wake()
      return request.refund_request_id
    },
    async [Symbol.asyncDispose]() {
      await messaging.stop()
      await nats.close()
      await prisma.$disconnect()
      await database[Symbol.asyncDispose]()
    },
  }
}

function orderOf(orderId: string, refund_request: RefundRequest): OrderState {
  return {
    order_id: orderId,
    version: 2,
    status: 'terminated',
    billing_status: 'paid',
    desired: 'terminated',
    plan: 'small',
    region: 'eu',
    customer: { id: null, email: 'sam@example.com', name: 'Sam' },
    server_name: 'Home',
    environment: {},
    price: refund_request.amount,
    payment_id: refund_request.payment_id,
    refund_request,
  }
}
