import { type CreateCheckout, createCheckout, expireCheckout } from '@spawnpoint/contracts'
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
    url: gateway.nats.urls.order,
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

test('A renewal has a session of its own, which is paid for the same order', async () => {
  const order_id = derivedId('order-renewed', 'order')
  const terms = { order_id, interval: 'month' } as const
  const first = await asked(terms)
  const { session } = gateway.stripe.pay(first.checkout_session_id)
  const renews = String(session.subscription)
  await eventually(async () => expect(asked(terms)).rejects.toMatchObject({ code: 'already_paid' }))
  const second = await asked({ ...terms, renews })
  expect(await asked({ ...terms, renews })).toEqual(second)
  expect(second.checkout_session_id).not.toBe(first.checkout_session_id)
  const dearer = { ...terms, renews, price: { amount: 2_000, currency: 'eur' } }
  await expect(asked(dearer)).rejects.toMatchObject({ code: 'order_differs' })
  const { url, secretKey } = gateway.stripe
  await fetch(`${url}/v1/checkout/sessions/${second.checkout_session_id}/expire`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secretKey}` },
  })
  const third = await eventually(() => asked(dearer))
  gateway.stripe.pay(third.checkout_session_id)
  await eventually(async () => {
    const paid = await gateway.prisma.payment.findMany({ where: { orderId: order_id, status: 'succeeded' } })
    expect(paid).toHaveLength(2)
  })
  await eventually(async () => expect(asked(dearer)).rejects.toMatchObject({ code: 'already_paid' }))
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

test('After an error that Stripe repeats for one key, a new request succeeds', async () => {
  const order_id = 'order-500'
  gateway.stripe.addApiFault({
    when: { method: 'POST', path: '/checkout/sessions', times: 1 },
    do: { kind: 'status', status: 500 },
  })
  await expect(asked({ order_id })).rejects.toMatchObject({ code: 'stripe_unavailable' })
  expect(await asked({ order_id })).toMatchObject({ checkout_session_id: expect.stringMatching(/^cs_/) })
})

const closed = (order_id: string) =>
  ask({ nats, contract: expireCheckout, request: { order_id }, timeoutMs: 20_000 })

/** The same of another gateway. */
async function askThere({ nats: { urls } }: Gateway) {
  const url = urls.order
  const there = connectNats({ url, name: 'shop', log: createLogger({ service: 'test', level: 'silent' }) })
  try {
    return await ask({ nats: there, contract: createCheckout, request: request(), timeoutMs: 20_000 })
  } finally {
    await there.close()
  }
}

const minutesFromNow = (time: string) => (Date.parse(time) - Date.now()) / 60_000

test.each([
  [undefined, 60],
  ['30', 31],
  ['240', 240],
  ['1440', 1_439],
])('with CHECKOUT_MINUTES %s a checkout stays open for %i minutes', async (CHECKOUT_MINUTES, minutes) => {
  await using other = await startGateway(undefined, CHECKOUT_MINUTES ? { CHECKOUT_MINUTES } : {})
  const { expires_at } = await askThere(other)
  expect(minutesFromNow(expires_at)).toBeGreaterThan(minutes - 0.5)
  expect(minutesFromNow(expires_at)).toBeLessThanOrEqual(minutes)
})

test('a closed checkout cannot be paid, and the next one is another', async () => {
  const order_id = 'order-closed'
  const { checkout_session_id: id } = await asked({ order_id })
  expect(await closed(order_id)).toEqual({ checkout_session_id: id })
  expect(() => gateway.stripe.pay(id)).toThrow()
  expect(await closed(order_id)).toEqual({ checkout_session_id: null })
  expect((await asked({ order_id })).checkout_session_id).not.toBe(id)
})

test('a checkout that was completed a moment ago is not closed', async () => {
  const order_id = 'order-completed'
  const { checkout_session_id: id } = await asked({ order_id })
  gateway.stripe.pay(id)
  await expect(closed(order_id)).rejects.toMatchObject({ code: 'checkout_completed' })
})

test('a checkout that expired at Stripe, and one there never was, count as closed', async () => {
  const order_id = 'order-expired'
  const { checkout_session_id: id } = await asked({ order_id })
  const { url, secretKey } = gateway.stripe
  await fetch(`${url}/v1/checkout/sessions/${id}/expire`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secretKey}` },
  })
  expect(await closed(order_id)).toEqual({ checkout_session_id: id })
  expect(await closed('order-unknown')).toEqual({ checkout_session_id: null })
})

test('an address with a domain of another script goes to Stripe as mail servers have it', async () => {
  const { checkout_session_id: id } = await asked({ order_id: 'order-idn', customer_email: 'a@müller.de' })
  expect(gateway.stripe.pay(id).session.customer_email).toBe('a@xn--mller-kva.de')
})

test('an address that Stripe refuses is left for the buyer to type, and asked again the page is the same', async () => {
  const order = { order_id: 'order-umlaut', customer_email: 'jörg@müller.de' }
  const first = await asked(order)
  expect(await asked(order)).toEqual(first)
  expect(gateway.stripe.pay(first.checkout_session_id).session.customer_email).toBeNull()
})

test('while Stripe does not answer, no checkout is reported as closed', async () => {
  const order_id = 'order-unanswered'
  const { checkout_session_id: id } = await asked({ order_id })
  gateway.stripe.addApiFault({
    when: { method: 'POST', path: `/checkout/sessions/${id}/expire`, times: 9 },
    do: { kind: 'status', status: 500 },
  })
  await expect(closed(order_id)).rejects.toMatchObject({ code: 'stripe_unavailable' })
})

test('where Stripe has another time, its own counts', async () => {
  await using other = await startGateway()
  other.stripe.advanceClock(90 * 86_400_000)
  const { expires_at } = await askThere(other)
  expect(minutesFromNow(expires_at)).toBeGreaterThan(90 * 1_440)
})

test('Stripe that does not answer shows in the health, and one late answer does not', async () => {
  await using silent = await startGateway()
  const problem = async () => {
    const { failing } = (await (await silent.call('/health')).json()) as { failing: { stripe?: string } }
    return failing.stripe
  }
  silent.stripe.addApiFault({ when: { times: 1 }, do: { kind: 'hang' } })
  expect(await problem()).toBeUndefined()
  silent.stripe.addApiFault({ do: { kind: 'hang' } })
  await eventually(
    async () => expect(await problem()).toMatch(/Stripe has not answered for 1\d s.*status\.stripe/),
    {
      timeoutMs: 15_000,
    },
  )
  silent.stripe.removeFaults()
  await eventually(async () => expect(await problem()).toBeUndefined(), { timeoutMs: 15_000 })
}, 60_000)

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
