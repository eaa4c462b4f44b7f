import type { Payment } from '@spawnpoint/contracts'
import { adapter } from '@spawnpoint/database'
import { appendOutbox, connectNats, derivedId, newEvent, startMessaging } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { eventually, owning, testDatabase, testNats } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PrismaClient } from '../src/generated/client.ts'
import { startOrder } from '../src/service.ts'

const apiKey = 'test-secret-0123456789'
const log = createLogger({ service: 'test', level: 'silent' })
const cleanUp = owning()
let url: string
let prisma: PrismaClient
let sayBilling: (payment: Payment) => Promise<void>

beforeAll(async () => {
  const orders = cleanUp.own(await testDatabase('orders'))
  const billing = cleanUp.own(await testDatabase('orders'))
  const nats = cleanUp.own(await testNats())
  const service = cleanUp.own(
    await startOrder({
      DATABASE_URL: orders.url,
      NATS_URL: nats.url,
      LOG_LEVEL: 'fatal',
      PORT: 0,
      API_KEYS: new Map([['shop', apiKey]]),
    }),
  )
  url = `http://127.0.0.1:${service.port}`
  prisma = new PrismaClient({ adapter: adapter(orders.url) })
  cleanUp.own({ [Symbol.asyncDispose]: () => prisma.$disconnect() })
  sayBilling = await billingGateway(billing.url, nats.url)
  await send('PUT', '/admin/plans/small', { name: 'Small', amount: 999, currency: 'eur' })
  await send('PUT', '/admin/regions/eu', { name: 'Europe' })
}, 30_000)

afterAll(() => cleanUp[Symbol.asyncDispose]())

test('a payment of the right amount makes the order paid and says so once', async () => {
  await sayBilling(payment({ payment_id: 'cs_right', plan: 'small', region: 'eu' }))
  const order = await orderOf('cs_right')
  expect(order).toMatchObject({ status: 'paid', billing_status: 'paid', error_message: null })
  expect(await prisma.outbox.count({ where: { key: order.id, subject: 'order.paid' } })).toBe(1)
})

test('a payment of the wrong amount is held where a person sees it, and wants no server', async () => {
  await sayBilling(
    payment({ payment_id: 'cs_wrong', plan: 'small', region: 'eu', paid: { amount: 1, currency: 'eur' } }),
  )
  const order = await orderOf('cs_wrong')
  expect(order).toMatchObject({ status: 'error', error_message: expect.stringContaining('Paid 1 eur') })
  expect(await prisma.outbox.count({ where: { key: order.id, subject: 'order.paid' } })).toBe(0)
})

test('a payment for a plan that nobody sells is held', async () => {
  await sayBilling(payment({ payment_id: 'cs_plan', plan: 'huge', region: 'eu' }))
  expect(await orderOf('cs_plan')).toMatchObject({
    status: 'error',
    error_message: expect.stringContaining('huge'),
  })
})

test('a payment for an order that is not known yet is parked, not lost', async () => {
  await sayBilling(payment({ payment_id: 'cs_early', order_id: '00000000-0000-5000-8000-000000000000' }))
  await eventually(async () => {
    expect(await prisma.parkedEvent.count()).toBe(1)
  })
})

test('a payment that came before its order is decided when the order is there', async () => {
  const id = derivedId('shop/early', 'order')
  await sayBilling(payment({ payment_id: 'cs_before', order_id: id }))
  await eventually(async () => {
    expect(await prisma.parkedEvent.count({ where: { waitingFor: `order:${id}` } })).toBe(1)
  })
  const wish = {
    plan: 'small',
    region: 'eu',
    customer: { email: 'a@example.com', name: 'A' },
    server_name: 'S',
  }
  await send('POST', '/orders', wish, { 'idempotency-key': 'early' })
  expect(await orderOf('cs_before')).toMatchObject({ id, status: 'paid' })
  expect(await prisma.parkedEvent.count({ where: { waitingFor: `order:${id}` } })).toBe(0)
})

test('bad requests are answered with problem documents and leave nothing behind', async () => {
  const wish = {
    plan: 'small',
    region: 'eu',
    customer: { email: 'a@example.com', name: 'A' },
    server_name: 'S',
  }
  const before = await prisma.order.count()
  const answers = [
    [await send('POST', '/orders', wish), 422, 'invalid_request'],
    [
      await send('POST', '/orders', { ...wish, plan: 'none' }, { 'idempotency-key': 'k1' }),
      422,
      'unknown_plan',
    ],
    [
      await send('POST', '/orders', { ...wish, region: 'mars' }, { 'idempotency-key': 'k2' }),
      422,
      'unknown_region',
    ],
    [
      await send(
        'POST',
        '/orders',
        { ...wish, server_name: 'x'.repeat(100_000) },
        { 'idempotency-key': 'k3' },
      ),
      413,
      'body_too_large',
    ],
    [await send('GET', '/orders/not-a-uuid'), 422, 'invalid_request'],
    [await send('GET', '/orders/00000000-0000-4000-8000-000000000000'), 404, 'order_not_found'],
    [await send('GET', '/orders', undefined, { authorization: 'Bearer wrong' }), 401, 'api_key_unknown'],
  ] as const
  for (const [response, status, code] of answers) {
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({ code, status, request_id: expect.any(String) })
  }
  expect(await prisma.order.count()).toBe(before)
})

test('without its checkout the order is kept, and the same key never makes a second one', async () => {
  const wish = {
    plan: 'small',
    region: 'eu',
    customer: { email: 'a@example.com', name: 'A' },
    server_name: 'S',
  }
  for (let i = 0; i < 2; i += 1) {
    const response = await send('POST', '/orders', wish, { 'idempotency-key': 'same' })
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ code: 'checkout_unavailable' })
  }
  expect(await prisma.order.count({ where: { status: 'pending' } })).toBe(1)
  const other = await send('POST', '/orders', { ...wish, server_name: 'T' }, { 'idempotency-key': 'same' })
  expect(await other.json()).toMatchObject({ code: 'idempotency_key_reused', status: 422 })
})

function send(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

async function orderOf(paymentId: string) {
  return eventually(async () => {
    const order = await prisma.order.findFirst({ where: { paymentId } })
    if (!order) throw new Error(`No order of ${paymentId} yet`)
    return {
      id: order.id,
      status: order.status,
      billing_status: order.billingStatus,
      error_message: order.errorMessage,
    }
  })
}

async function billingGateway(databaseUrl: string, natsUrl: string) {
  const client = new PrismaClient({ adapter: adapter(databaseUrl) })
  const nats = connectNats({ url: natsUrl, name: 'billing', log })
  const messaging = startMessaging({ prisma: client, nats, stream: 'BILLING', log })
  cleanUp.own({
    async [Symbol.asyncDispose]() {
      await messaging.stop()
      await nats.close()
      await client.$disconnect()
    },
  })
  return async (data: Payment) => {
    const { payment_id, version } = data
    const event = { type: 'payment.succeeded', subject: payment_id, version, data } as const
    await appendOutbox(client, [
      newEvent({ ...event, source: 'billing', cause: `${payment_id}/succeeded`, time: new Date() }),
    ])
    messaging.wake()
  }
}

function payment(overrides: Partial<Payment>): Payment {
  return {
    payment_id: 'cs_test',
    version: 1,
    status: 'succeeded',
    kind: 'first',
    livemode: false,
    order_id: null,
    paid: { amount: 999, currency: 'eur' },
    discount: 0,
    tax: 0,
    shipping: 0,
    nothing_owed: false,
    payment_intent_id: null,
    subscription_id: null,
    stripe_customer_id: null,
    customer_email: 'a@example.com',
    customer_name: 'A',
    plan: null,
    region: null,
    server_name: null,
    failure: null,
    ...overrides,
  }
}
