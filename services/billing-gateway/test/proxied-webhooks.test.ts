import { request } from 'node:http'
import { checkoutSession, signedWebhook, stripeEvent } from '@spawnpoint/stripe-simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Gateway, startGateway } from './gateway.ts'

// What proxies between Stripe and the gateway make of a delivery.

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

test.each([
  ['to a path with a slash at its end', { path: '/webhooks/stripe/' }],
  ['in chunks', { headers: { 'transfer-encoding': 'chunked' } }],
  ['that asks first whether it may send its body', { headers: { expect: '100-continue' } }],
  ['in chunks, after asking', { headers: { 'transfer-encoding': 'chunked', expect: '100-continue' } }],
])('a delivery %s is stored', async (_, how) => {
  const event = stripeEvent('checkout.session.completed', checkoutSession())
  expect(await deliver(event, how)).toBe(200)
  expect(await gateway.prisma.stripeEvent.count({ where: { eventId: event.id } })).toBe(1)
})

test('a forged delivery to the path with a slash is refused too', async () => {
  const { body, headers } = signedWebhook(
    stripeEvent('checkout.session.completed', checkoutSession()),
    'whsec_x',
  )
  const answer = await fetch(`${gateway.url}/webhooks/stripe/`, { method: 'POST', body, headers })
  expect(await answer.json()).toMatchObject({ code: 'invalid_signature' })
})

type How = { path?: string; headers?: Record<string, string> }

/** The body in two halves, as a proxy passes on what it has; only once it may, where it asks. */
async function deliver(event: Parameters<typeof signedWebhook>[0], how: How): Promise<number | undefined> {
  const { body, headers } = signedWebhook(event, gateway.webhookSecret)
  const { path = '/webhooks/stripe', headers: more = {} } = how
  const length = more['transfer-encoding'] ? {} : { 'content-length': Buffer.byteLength(body) }
  const sending = request(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { ...headers, ...length, ...more },
  })
  const answered = new Promise<number | undefined>((resolve, reject) => {
    sending.once('response', (response) => resolve(response.resume().statusCode)).once('error', reject)
  })
  if (more.expect) {
    const mayGoOn = new Promise((resolve) => sending.once('continue', resolve))
    sending.flushHeaders()
    await mayGoOn
  }
  const half = Math.floor(body.length / 2)
  await new Promise((resolve) => sending.write(body.slice(0, half), resolve))
  sending.end(body.slice(half))
  return await answered
}
