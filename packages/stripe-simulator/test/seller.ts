import { createServer } from 'node:http'
import Stripe from 'stripe'
import { type StripeOptions, startStripe } from '../src/index.ts'

/** The real client, pointed at the simulator. */
export function clientOf(
  { url, secretKey }: { url: string; secretKey: string },
  config: Stripe.StripeConfig = {},
) {
  const { hostname, port } = new URL(url)
  return new Stripe(secretKey, {
    host: hostname,
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
    ...config,
  })
}

type Received = { body: string; signature: string; event: Stripe.Event }

/** A shop's webhook: verifies with the real package, keeps what it got, and answers as configured. */
export async function startReceiver(secret: string) {
  const received: Received[] = []
  const arrived: Omit<Received, 'event'>[] = []
  const refused: string[] = []
  let answers: number[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      const signature = String(request.headers['stripe-signature'])
      const status = answers.shift() ?? 200
      arrived.push({ body, signature })
      try {
        if (status === 200)
          received.push({ body, signature, event: Stripe.webhooks.constructEvent(body, signature, secret) })
        response.writeHead(status).end()
      } catch (error) {
        refused.push(String(error))
        response.writeHead(400).end(String(error))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}/webhooks/stripe`,
    received,
    arrived,
    refused,
    types: () => received.map(({ event }) => event.type),
    answer: (...statuses: number[]) => {
      answers = statuses
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A simulator, a client and a shop's webhook, connected. */
export async function startSeller(options: StripeOptions = {}) {
  const simulator = await startStripe({ timeScale: 0.002, ...options })
  const receiver = await startReceiver(simulator.webhookSecret)
  const endpoint = simulator.addWebhook(receiver.url)
  const close = async () => {
    await simulator.close()
    await receiver[Symbol.asyncDispose]()
  }
  return { simulator, receiver, endpoint, stripe: clientOf(simulator), [Symbol.asyncDispose]: close }
}

export const oneServer = {
  mode: 'payment',
  line_items: [
    {
      quantity: 2,
      price_data: { currency: 'eur', unit_amount: 750, product_data: { name: 'Minecraft 4 GB' } },
    },
  ],
  client_reference_id: 'order-1',
  customer_email: 'sam@example.com',
  metadata: { order_id: 'order-1' },
  payment_intent_data: { metadata: { order_id: 'order-1' } },
  success_url: 'https://shop.example.com/thanks?session={CHECKOUT_SESSION_ID}',
  cancel_url: 'https://shop.example.com/cart',
} as const satisfies Stripe.Checkout.SessionCreateParams

export async function eventually<T>(look: () => T | Promise<T>, timeoutMs = 5000): Promise<T> {
  const until = Date.now() + timeoutMs
  for (;;) {
    try {
      return await look()
    } catch (error) {
      if (Date.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}

export function payOnPage(
  { url }: { url: string | null },
  outcome: string,
  headers: Record<string, string> = {},
) {
  return fetch(String(url), {
    method: 'POST',
    headers,
    body: new URLSearchParams({ outcome }),
    redirect: 'manual',
  })
}
