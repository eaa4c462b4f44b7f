import { type CreateCheckout, createCheckout } from '@spawnpoint/contracts'
import { ask, connectNats, derivedId, type Nats } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Gateway, startGateway } from './gateway.ts'

let gateway: Gateway
let nats: Nats
beforeAll(async () => {
  gateway = await startGateway()
  nats = connectNats({
    url: gateway.nats.url,
    name: 'shop',
    log: createLogger({ service: 'test', level: 'silent' }),
  })
  await nats.connection()
  await eventually(async () => {
    const health = await (await gateway.call('/health')).json()
    expect(health).toMatchObject({ status: 'healthy' })
  })
})
afterAll(async () => {
  await nats.close()
  await gateway[Symbol.asyncDispose]()
})

function request(overrides: Partial<CreateCheckout> = {}): CreateCheckout {
  return {
    order_id: 'order-1',
    product_name: 'Minecraft 4 GB',
    price: { amount: 1000, currency: 'eur' },
    interval: null,
    customer_email: 'sam@example.com',
    metadata: { plan: 'small', region: 'eu' },
    ...overrides,
  }
}

const asked = (overrides?: Partial<CreateCheckout>) =>
  ask({ nats, contract: createCheckout, request: request(overrides), timeoutMs: 20_000 })

test('An order has one session, however often and at once it is asked for', async () => {
  const order_id = 'order-often'
  const answers = await Promise.all([asked({ order_id }), asked({ order_id }), asked({ order_id })])
  answers.push(await asked({ order_id }))
  expect(new Set(answers.map(({ checkout_session_id }) => checkout_session_id)).size).toBe(1)
})

test('Paying the session is a payment of that order', async () => {
  const order_id = derivedId('order-paying', 'order')
  const { checkout_session_id: id } = await asked({ order_id })
  gateway.stripe.pay(id)
  await eventually(async () => {
    expect(await gateway.prisma.payment.findUniqueOrThrow({ where: { id } })).toMatchObject({
      status: 'succeeded',
      orderId: order_id,
    })
  })
  await expect(asked({ order_id })).rejects.toMatchObject({ code: 'already_paid' })
})

test('A plan by the month is a subscription', async () => {
  const { checkout_session_id: id } = await asked({ order_id: 'order-monthly', interval: 'month' })
  const { session } = gateway.stripe.pay(id)
  expect(session).toMatchObject({
    mode: 'subscription',
    metadata: { order_id: 'order-monthly', plan: 'small' },
  })
})

test('Other terms for the same order are refused', async () => {
  await asked({ order_id: 'order-terms' })
  await expect(
    asked({ order_id: 'order-terms', price: { amount: 1, currency: 'eur' } }),
  ).rejects.toMatchObject({ code: 'order_differs' })
})

test('After an error that Stripe keeps repeating for one key, asking again helps', async () => {
  const order_id = 'order-500'
  gateway.stripe.addApiFault({
    when: { method: 'POST', path: '/checkout/sessions', times: 1 },
    do: { kind: 'status', status: 500 },
  })
  await expect(asked({ order_id })).rejects.toMatchObject({ code: 'stripe_unavailable' })
  expect(await asked({ order_id })).toMatchObject({ checkout_session_id: expect.stringMatching(/^cs_/) })
})

test('a key that Stripe does not take shows in the health before the first buyer', async () => {
  await using wrong = await startGateway(undefined, { STRIPE_SECRET_KEY: 'sk_test_wrong' })
  await eventually(async () => {
    const health = await wrong.call('/health')
    expect(await health.json()).toMatchObject({
      status: 'degraded',
      failing: { stripe: expect.stringContaining('STRIPE_SECRET_KEY') },
    })
  })
  const health = await gateway.call('/health')
  expect(await health.json()).toMatchObject({ status: 'healthy', failing: {} })
})
