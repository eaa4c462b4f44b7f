import { expect, test } from 'vitest'
import { oneServer, startSeller } from './seller.ts'
import { allEvents, day, type Seller, subscribe, typesOf } from './subscriber.ts'

const type = 'checkout.session.completed'
const hour = 3600

test('an endpoint that is away for a day gets everything once it is back', async () => {
  await using seller = await away({ timeScale: 1 })
  const event = await sell(seller)
  await seller.simulator.moveClock({ advance_seconds: day })
  expect(seller.receiver.received).toEqual([])
  seller.receiver.answer()
  await seller.simulator.moveClock({ advance_seconds: 7 * hour })
  expect(seller.receiver.received.map(({ event: { id } }) => id)).toEqual([event])
  expect(await seller.stripe.events.retrieve(event)).toMatchObject({ pending_webhooks: 0 })
})

test('after three days Stripe gives up, and only the list of events still has what an endpoint missed', async () => {
  await using seller = await away({ timeScale: 1 })
  const event = await sell(seller)
  await seller.simulator.moveClock({ advance_seconds: 5 * day })
  const tried = seller.simulator.deliveries(event)
  expect(tried.length).toBeGreaterThan(10)
  expect(new Set(tried.map(({ status }) => status))).toEqual(new Set([503]))

  seller.receiver.answer()
  await seller.simulator.moveClock({ advance_seconds: 5 * day })
  expect(seller.receiver.received).toEqual([])
  const missed = await allEvents(seller.stripe, { delivery_success: false })
  expect(missed.map(({ id, pending_webhooks }) => [id, pending_webhooks])).toEqual([[event, 1]])
})

test('each event is tried for three days from when it happened, however far the clock goes at once', async () => {
  await using seller = await away({ timeScale: 1 })
  await subscribe(seller)
  await seller.simulator.moveClock({ advance_seconds: 29 * day })
  seller.receiver.answer()
  await seller.simulator.moveClock({ advance_seconds: 4 * day })
  const events = await allEvents(seller.stripe)
  const renewal = events.filter(({ type }) => type === 'invoice.paid').at(-1)
  expect(seller.receiver.received.map(({ event }) => event.id)).toContain(renewal?.id)
  expect(seller.receiver.types()).not.toContain(type)
})

test('a disabled endpoint gets nothing, and what happened meanwhile does not come later', async () => {
  await using seller = await startSeller()
  seller.simulator.setWebhook(seller.endpoint.id, 'disabled')
  await sell(seller)
  seller.simulator.setWebhook(seller.endpoint.id, 'enabled')
  const second = await sell(seller)
  await seller.simulator.moveClock({ advance_seconds: day })
  const completed = seller.receiver.received.filter(({ event }) => event.type === type)
  expect(completed.map(({ event }) => event.id)).toEqual([second])
})

test('an endpoint that is disabled is not tried again', async () => {
  await using seller = await away({ timeScale: 1 })
  const event = await sell(seller)
  await seller.simulator.moveClock({ advance_seconds: 60 })
  const tried = seller.simulator.deliveries(event).length
  for (const { id } of seller.simulator.state().webhooks) seller.simulator.setWebhook(id, 'disabled')
  await seller.simulator.moveClock({ advance_seconds: day })
  expect(seller.simulator.deliveries(event)).toHaveLength(tried)
})

test('an event that Stripe failed to make is nowhere, though its object changed', async () => {
  await using seller = await startSeller()
  seller.simulator.addWebhookFault({ when: { type, times: 1 }, do: { kind: 'ungenerated' } })
  const { id } = await seller.stripe.checkout.sessions.create(oneServer)
  seller.simulator.pay(id)
  expect((await seller.stripe.checkout.sessions.retrieve(id)).payment_status).toBe('paid')
  await seller.simulator.moveClock({ advance_seconds: day })
  expect(seller.receiver.types()).not.toContain(type)
  expect(typesOf(await allEvents(seller.stripe))).not.toContain(type)
  expect(typesOf(await allEvents(seller.stripe))).toContain('charge.succeeded')
})

test('a deleted event is not in the list any more', async () => {
  await using seller = await startSeller()
  const event = await sell(seller)
  expect(seller.simulator.deleteEvent(event)).toBe(true)
  expect((await allEvents(seller.stripe)).map(({ id }) => id)).not.toContain(event)
  await expect(seller.stripe.events.retrieve(event)).rejects.toMatchObject({ statusCode: 404 })
})

async function away(options: { timeScale: number }) {
  const seller = await startSeller(options)
  seller.receiver.answer(...Array<number>(100_000).fill(503))
  seller.simulator.removeWebhook(seller.endpoint.id)
  seller.simulator.addWebhook(seller.receiver.url, seller.simulator.webhookSecret, {
    events: [type, 'invoice.paid'],
  })
  return seller
}

async function sell({ stripe, simulator }: Seller) {
  const { id } = await stripe.checkout.sessions.create(oneServer)
  return String(simulator.pay(id).events.find((event) => event.type === type)?.id)
}
