import { expect, test } from 'vitest'
import { eventually, oneServer, startReceiver, startSeller } from './seller.ts'

type Seller = Awaited<ReturnType<typeof startSeller>>

test('the list of events reads newest first, and oldest first from a known event on', async () => {
  await using seller = await startSeller()
  const ids = await sellThree(seller)

  const newestFirst: string[] = []
  for await (const { id } of seller.stripe.events.list({ limit: 2 })) newestFirst.push(id)
  expect(newestFirst).toEqual([...ids].reverse())

  const oldestFirst: string[] = []
  for await (const { id } of seller.stripe.events.list({ limit: 2, ending_before: String(ids[0]) }))
    oldestFirst.push(id)
  expect(oldestFirst).toEqual(ids.slice(1))
})

test('a page shows whether there are more', async () => {
  await using seller = await startSeller()
  const ids = await sellThree(seller)
  const newest = ids.at(-1)
  const page = await seller.stripe.events.list({ limit: 2, starting_after: String(newest) })
  expect(page).toMatchObject({ object: 'list', url: '/v1/events', has_more: true })
  expect(page.data.map(({ id }) => id)).toEqual([ids.at(-2), ids.at(-3)])
  expect((await seller.stripe.events.list({ limit: 100 })).has_more).toBe(false)
})

test('events are chosen by type, by up to twenty types, and by time', async () => {
  await using seller = await startSeller()
  await sellThree(seller)
  const count = async (params: Parameters<typeof seller.stripe.events.list>[0]) =>
    (await seller.stripe.events.list({ limit: 100, ...params })).data.length
  expect(await count({ type: 'checkout.session.completed' })).toBe(3)
  expect(await count({ type: 'payment_intent.*' })).toBe(6)
  expect(await count({ types: ['checkout.session.completed', 'charge.succeeded'] })).toBe(6)
  await expect(count({ types: Array.from({ length: 21 }, () => 'charge.succeeded') })).rejects.toThrow(
    'at most 20',
  )

  const now = Math.floor(Date.now() / 1000)
  expect(await count({ created: { gte: now - 60 }, type: 'charge.succeeded' })).toBe(3)
  expect(await count({ created: { lt: now - 60 } })).toBe(0)
})

test('an event keeps the object as it was', async () => {
  await using seller = await startSeller()
  const { id } = await seller.stripe.checkout.sessions.create(oneServer)
  const { session, events } = seller.simulator.pay(id)
  await seller.stripe.refunds.create({ payment_intent: String(session.payment_intent) })

  const charged = events.find(({ type }) => type === 'charge.succeeded')
  const event = await seller.stripe.events.retrieve(String(charged?.id))
  expect(event.data.object).toMatchObject({ object: 'charge', refunded: false, amount_refunded: 0 })
  expect((await seller.stripe.charges.list()).data[0]).toMatchObject({
    refunded: true,
    amount_refunded: 1500,
  })
})

test('an event names the call that caused it, if any', async () => {
  await using seller = await startSeller()
  const { id } = await seller.stripe.checkout.sessions.create(oneServer)
  const { session } = seller.simulator.pay(id)
  const refund = await seller.stripe.refunds.create(
    { payment_intent: String(session.payment_intent) },
    { idempotencyKey: 'order-1:refund:1' },
  )
  const [created] = (await seller.stripe.events.list({ type: 'refund.created' })).data
  expect(created?.request).toEqual({ id: refund.lastResponse.requestId, idempotency_key: 'order-1:refund:1' })
  const [completed] = (await seller.stripe.events.list({ type: 'checkout.session.completed' })).data
  expect(completed?.request).toEqual({ id: null, idempotency_key: null })
})

test('after thirty days an event is gone', async () => {
  await using seller = await startSeller()
  const [first] = await sellThree(seller)
  seller.simulator.advanceClock(31 * 24 * 3_600_000)
  expect((await seller.stripe.events.list()).data).toEqual([])
  await expect(seller.stripe.events.retrieve(String(first))).rejects.toMatchObject({ statusCode: 404 })
  await expect(seller.stripe.events.list({ ending_before: String(first) })).rejects.toMatchObject({
    statusCode: 400,
  })
})

test('undelivered means that at least one webhook has not taken it', async () => {
  await using seller = await startSeller()
  const dead = seller.simulator.addWebhook(await deadAddress())
  await sellThree(seller)
  const undelivered = async () =>
    (await seller.stripe.events.list({ delivery_success: false, type: 'checkout.session.completed' })).data
  await eventually(async () =>
    expect((await undelivered()).map(({ pending_webhooks }) => pending_webhooks)).toEqual([1, 1, 1]),
  )
  expect(
    seller.simulator
      .deliveries()
      .some(({ endpoint, error }) => endpoint === dead.id && error?.includes('ECONNREFUSED')),
  ).toBe(true)
})

async function deadAddress() {
  await using receiver = await startReceiver('whsec_dead')
  return receiver.url
}

async function sellThree({ stripe, simulator }: Seller) {
  for (let n = 0; n < 3; n++) simulator.pay((await stripe.checkout.sessions.create(oneServer)).id)
  return simulator.events().map(({ id }) => id)
}
