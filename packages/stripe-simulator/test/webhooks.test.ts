import { expect, test } from 'vitest'
import { eventually, oneServer, startReceiver, startSeller } from './seller.ts'

const type = 'checkout.session.completed'

test('a webhook that does not answer 2xx is tried again with the same event', async () => {
  await using seller = await startSeller()
  const event = await sellWith(seller, () => seller.receiver.answer(500, 404, 302))

  await eventually(() => expect(outcomesOf(seller, event)).toEqual([500, 404, 302, 200]))
  expect(seller.simulator.deliveries(event).map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4])
  expect(seller.receiver.received.map(({ event: { id } }) => id)).toEqual([event])
})

test('a duplicated event arrives in byte-identical copies', async () => {
  await using seller = await startSeller()
  const event = await sellWith(seller, () =>
    seller.simulator.addWebhookFault({ when: { type }, do: { kind: 'duplicate', copies: 2 } }),
  )
  await eventually(() => expect(seller.receiver.received).toHaveLength(3))
  expect(new Set(seller.receiver.received.map(({ body }) => body)).size).toBe(1)
  expect(seller.receiver.received[0]?.event.id).toBe(event)
})

test('a dropped event never arrives, and only the list still has it', async () => {
  await using seller = await startSeller()
  const event = await sellWith(seller, () => seller.simulator.addWebhookFault({ do: { kind: 'drop' } }))
  const missed = await seller.stripe.events.list({ delivery_success: false })
  expect(missed.data.map(({ id }) => id)).toEqual([event])
  expect(seller.simulator.deliveries(event)).toMatchObject([
    { status: null, error: 'dropped', fault: 'drop' },
  ])
  expect(seller.receiver.received).toEqual([])
})

test.each([
  ['wrong-signature', 'No signatures found matching'],
  ['stale-timestamp', 'Timestamp outside the tolerance zone'],
] as const)('a %s is refused by the real package, and the next try is right', async (kind, complaint) => {
  await using seller = await startSeller()
  const event = await sellWith(seller, () =>
    seller.simulator.addWebhookFault({ when: { times: 1 }, do: { kind } }),
  )
  await eventually(() => expect(outcomesOf(seller, event)).toEqual([400, 200]))
  expect(seller.receiver.refused.join()).toContain(complaint)
})

test('events held in a window arrive in another order', async () => {
  await using seller = await startSeller()
  seller.simulator.addWebhookFault({ do: { kind: 'shuffle', windowMs: 20, order: 'reverse' } })
  const { id } = await seller.stripe.checkout.sessions.create(oneServer)
  const { events } = seller.simulator.pay(id)
  await eventually(() => expect(seller.receiver.types()).toHaveLength(6))
  const arrived = seller.receiver.received
    .map(({ event }) => event.id)
    .filter((id) => events.some((event) => event.id === id))
  expect(arrived).toEqual(events.map(({ id }) => id).reverse())
})

test('the redirect waits until the shop has received the payment', async () => {
  await using seller = await startSeller()
  seller.simulator.addWebhookFault({ when: { type }, do: { kind: 'delay', ms: 80 } })
  const { url } = await seller.stripe.checkout.sessions.create(oneServer)
  await fetch(String(url), {
    method: 'POST',
    body: new URLSearchParams({ outcome: 'paid' }),
    redirect: 'manual',
  })
  expect(seller.receiver.types()).toContain(type)
})

test('an endpoint gets what it asked for, in the shape of its own version', async () => {
  await using seller = await startSeller()
  await using second = await startReceiver('whsec_second')
  seller.simulator.addWebhook(second.url, 'whsec_second', { apiVersion: '2024-06-20', events: [type] })
  await sellWith(seller)
  await eventually(() => expect(second.types()).toEqual([type]))
  const [{ event } = { event: undefined }] = second.received
  expect(event).toMatchObject({
    api_version: '2024-06-20',
    pending_webhooks: 2,
    data: { object: { ui_mode: 'hosted', shipping_details: null } },
  })
})

test('a thin endpoint gets the name of the object and of the snapshot twin', async () => {
  await using seller = await startSeller()
  seller.simulator.removeWebhook(seller.endpoint.id)
  seller.simulator.addWebhook(seller.receiver.url, seller.simulator.webhookSecret, {
    payload: 'thin',
    events: [type],
  })
  const { id } = await seller.stripe.checkout.sessions.create(oneServer)
  const { events } = seller.simulator.pay(id)

  const { body, signature } = await eventually(() => {
    const [first] = seller.receiver.arrived
    if (!first) throw new Error('not yet')
    return first
  })
  const thin = seller.stripe.parseEventNotification(body, signature, seller.simulator.webhookSecret)
  expect(thin).toMatchObject({
    type: `v1.${type}`,
    related_object: { id, url: `/v1/checkout/sessions/${id}` },
    snapshot_event: events.find((event) => event.type === type)?.id,
  })
})

test('the dashboard’s button sends an event once more', async () => {
  await using seller = await startSeller()
  const event = await sellWith(seller)
  await eventually(() => expect(seller.receiver.received).toHaveLength(1))
  await seller.simulator.resend(event)
  expect(seller.receiver.received.map(({ event: { id } }) => id)).toEqual([event, event])
})

/** Sells one server to a shop that only asked for completed sessions; returns the event's id. */
async function sellWith(
  seller: Awaited<ReturnType<typeof startSeller>>,
  prepare: () => unknown = () => undefined,
) {
  seller.simulator.removeWebhook(seller.endpoint.id)
  const { id } = await seller.stripe.checkout.sessions.create(oneServer)
  seller.simulator.addWebhook(seller.receiver.url, seller.simulator.webhookSecret, { events: [type] })
  prepare()
  return String(seller.simulator.pay(id).events.find((event) => event.type === type)?.id)
}

function outcomesOf({ simulator }: Awaited<ReturnType<typeof startSeller>>, event: string) {
  return simulator.deliveries(event).map(({ status }) => status)
}
