import { adapter } from '@spawnpoint/database'
import { type TestDatabase, testDatabase, testNats } from '@spawnpoint/stack'
import { type EndpointOptions, startStripe } from '@spawnpoint/stripe-simulator'
import { envSchema } from '../src/env.ts'
import { PrismaClient } from '../src/generated/client.ts'
import { startBillingGateway } from '../src/service.ts'

const apiKey = 'a-key-of-sixteen-or-more'

/** A gateway on a fresh schema, with a NATS and a simulated Stripe of its own that knows its webhook. */
export async function startGateway(
  given?: TestDatabase,
  changes: Record<string, string> = {},
  endpoint: Pick<EndpointOptions, 'apiVersion' | 'events'> = {},
) {
  const database = given ?? (await testDatabase('billing'))
  const nats = await testNats()
  const stripe = await startStripe({ timeScale: 0.002 })
  const gateway = await startBillingGateway(
    envSchema.parse({
      DATABASE_URL: database.url,
      NATS_URL: nats.urls['billing-gateway'],
      PORT: '0',
      LOG_LEVEL: 'silent',
      API_KEYS: `test:${apiKey}`,
      STRIPE_SECRET_KEY: stripe.secretKey,
      STRIPE_WEBHOOK_SECRET: `whsec_wRNftLajMZNeslQOP6vEPm4iVx5NlZ6z,${stripe.webhookSecret}`,
      STRIPE_API_URL: stripe.url,
      CHECKOUT_SUCCESS_URL: 'https://shop.example.com/thanks',
      CHECKOUT_CANCEL_URL: 'https://shop.example.com/cart',
      CATCH_UP_MINUTES: '0',
      ...changes,
    }),
  )
  const prisma = new PrismaClient({ adapter: adapter(database.url, { connectionLimit: 2 }) })
  const url = `http://127.0.0.1:${gateway.port}`
  stripe.addWebhook(`${url}/webhooks/stripe`, undefined, endpoint)
  return {
    url,
    stripe,
    nats,
    prisma,
    webhookSecret: stripe.webhookSecret,
    databaseUrl: database.url,
    post: async ({ body, headers }: { body: string; headers: Record<string, string> }) =>
      fetch(`${url}/webhooks/stripe`, { method: 'POST', body, headers }),
    call: (path: string, init: RequestInit = {}) =>
      fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${apiKey}` } }),
    async [Symbol.asyncDispose]() {
      await stripe.close()
      await gateway[Symbol.asyncDispose]()
      await prisma.$disconnect()
      await nats[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

export type Gateway = Awaited<ReturnType<typeof startGateway>>
