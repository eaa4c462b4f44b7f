import { createHmac, timingSafeEqual } from 'node:crypto'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

/** The least that can be called a Stripe webhook: the raw body, its signature, `store`, 200. */
export function serveWebhooks(store: (body: Buffer<ArrayBuffer>) => Promise<void> | void): void {
  const { PORT, STRIPE_WEBHOOK_SECRET: secret } = process.env
  if (!PORT || !secret) throw new Error('PORT and STRIPE_WEBHOOK_SECRET are needed')
  const app = new Hono()
  app.get('/readyz', (c) => c.text('ready'))
  app.post('/webhooks/stripe', async (c) => {
    const body = Buffer.from(await c.req.arrayBuffer())
    if (!isSigned(body, c.req.header('stripe-signature') ?? '', secret))
      return c.json({ received: false }, 400)
    await store(body)
    return c.json({ received: true })
  })
  serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' })
}

// Step by step what the `stripe` package does, the decoding of the body included.
function isSigned(body: Buffer, header: string, secret: string): boolean {
  const parts = header.split(',').map((part) => part.split('='))
  const timestamp = Number(parts.find(([key]) => key === 't')?.[1])
  const signature = Buffer.from(parts.find(([key]) => key === 'v1')?.[1] ?? '')
  const expected = createHmac('sha256', secret)
    .update(`${timestamp}.${body.toString()}`, 'utf8')
    .digest('hex')
  const same = signature.length === expected.length && timingSafeEqual(Buffer.from(expected), signature)
  return same && Math.floor(Date.now() / 1_000) - timestamp <= 300
}
