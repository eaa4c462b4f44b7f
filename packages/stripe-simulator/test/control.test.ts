import { expect, test } from 'vitest'
import { z } from 'zod'
import { eventually, oneServer, startSeller } from './seller.ts'
import { allEvents, day, priceOf, type Seller, subscribe } from './subscriber.ts'

const start = Date.parse('2026-01-15T10:00:00Z')

test('time, cards and bills can be moved over HTTP', async () => {
  await using seller = await startSeller({ now: () => start })
  const { id, customer } = await subscribe(seller)
  expect((await callControl(seller, 'GET', '/clock')).body).toEqual({
    now: start,
    at: '2026-01-15T10:00:00.000Z',
  })
  expect(
    (await callControl(seller, 'POST', `/customers/${customer}/card`, { outcome: 'declined' })).body,
  ).toEqual({
    customer,
    card: 'declined',
  })
  expect(
    (await callControl(seller, 'POST', '/billing', { retry_days: [1], final_outcome: 'unpaid' })).body,
  ).toMatchObject({
    retry_days: [1],
    final_outcome: 'unpaid',
    final_invoice: 'open',
  })
  const moved = await callControl(seller, 'POST', '/clock', { advance_seconds: 33 * day })
  expect(moved.body).toMatchObject({
    at: '2026-02-17T10:00:00.000Z',
    events: expect.arrayContaining([
      { id: expect.stringMatching(/^evt_/), type: 'invoice.payment_failed', at: '2026-02-15T11:00:00.000Z' },
    ]),
  })
  expect((await seller.stripe.subscriptions.retrieve(id)).status).toBe('unpaid')
  const [open] = (await seller.stripe.invoices.list({ subscription: id, status: 'open' })).data
  expect((await callControl(seller, 'POST', `/invoices/${open?.id}/pay`)).status).toBe(402)
  const paid = await callControl(seller, 'POST', `/invoices/${open?.id}/pay`, { out_of_band: true })
  expect(paid.body).toMatchObject({ status: 'paid' })

  expect((await callControl(seller, 'POST', '/clock', { to: '2026-02-01T00:00:00Z' })).body).toMatchObject({
    error: expect.stringContaining('does not go back'),
  })
  expect((await callControl(seller, 'POST', '/clock', { to: 'tomorrow' })).status).toBe(400)
  expect((await callControl(seller, 'POST', '/clock', { advanceMs: 60_000 })).body).toMatchObject({
    at: '2026-02-17T10:01:00.000Z',
  })
  expect((await callControl(seller, 'POST', '/customers/cus_no/card', { outcome: 'works' })).status).toBe(404)
})

test('refunds, disputes, warnings and reviews can be made over HTTP', async () => {
  await using seller = await startSeller()
  const { id } = await seller.stripe.checkout.sessions.create(oneServer)
  const sold = await callControl(seller, 'POST', `/sessions/${id}/pay`, { outcomes: ['declined', 'paid'] })
  const payment_intent = idIn(sold.body, 'session', 'payment_intent')
  const intents = await allEvents(seller.stripe, { type: 'payment_intent.*' })
  expect(intents.map(({ type, data: { object } }) => [type, 'id' in object && object.id])).toEqual([
    ['payment_intent.created', payment_intent],
    ['payment_intent.payment_failed', payment_intent],
    ['payment_intent.succeeded', payment_intent],
  ])

  await callControl(seller, 'POST', '/refunds/next', { outcome: 'pending' })
  const refund = await callControl(seller, 'POST', '/refunds', { payment_intent, amount: 500 })
  expect(refund).toMatchObject({ status: 201, body: { status: 'pending', amount: 500 } })
  const settled = await callControl(seller, 'POST', `/refunds/${idIn(refund.body, 'id')}`, {
    status: 'succeeded',
  })
  expect(settled.body).toMatchObject({ status: 'succeeded' })

  const warning = await callControl(seller, 'POST', '/fraud_warnings', { payment_intent })
  expect(warning.body).toMatchObject({ object: 'radar.early_fraud_warning', payment_intent })
  const review = await callControl(seller, 'POST', '/reviews', { payment_intent })
  const closed = await callControl(seller, 'POST', `/reviews/${idIn(review.body, 'id')}`, {
    reason: 'refunded_as_fraud',
  })
  expect(closed.body).toMatchObject({ open: false, closed_reason: 'refunded_as_fraud' })

  const dispute = await callControl(seller, 'POST', '/disputes', { payment_intent, kind: 'inquiry' })
  expect(dispute.body).toMatchObject({ status: 'warning_needs_response', amount: 1000 })
  const path = `/disputes/${idIn(dispute.body, 'id')}`
  expect((await callControl(seller, 'POST', path, { status: 'won' })).status).toBe(400)
  expect((await callControl(seller, 'POST', path, { status: 'warning_closed' })).body).toMatchObject({
    status: 'warning_closed',
  })
})

test('another product of the same account sells without anything of ours, to the same customer even', async () => {
  await using seller = await startSeller()
  const { customer } = await subscribe(seller)
  const other = await callControl(seller, 'POST', '/sales', { mode: 'subscription', amount: 999, customer })
  expect(other.body).toMatchObject({
    metadata: {},
    client_reference_id: null,
    customer,
    payment_status: 'paid',
  })
  const [newest] = (await seller.stripe.subscriptions.list({ customer })).data
  expect(newest).toMatchObject({ id: idIn(other.body, 'subscription'), metadata: {} })
  expect(seller.simulator.sellElsewhere({ currency: 'jpy', amount: 1500 })).toMatchObject({
    amount_total: 1500,
    currency: 'jpy',
    mode: 'payment',
  })
})

test('a connected account’s event names it, and a thin event only names what it is about', async () => {
  await using seller = await startSeller()
  const { stripe, simulator, receiver } = seller
  await stripe.products.create({ name: 'A server' })
  const [own] = await allEvents(stripe)
  const connect = await callControl(seller, 'POST', '/deliveries', {
    kind: 'connect',
    event: own?.id,
    account: 'acct_1',
  })
  const connected = idIn(connect.body, 'id')
  await eventually(() => expect(receiver.received.map(({ event }) => event.id)).toContain(connected))
  expect(receiver.received.find(({ event }) => event.id === connected)?.event.account).toBe('acct_1')
  await expect(stripe.events.retrieve(connected)).rejects.toMatchObject({ statusCode: 404 })

  const thin = idIn((await callControl(seller, 'POST', '/deliveries', { kind: 'thin' })).body, 'id')
  const sent = receiver.arrived.find(({ body }) => body.includes(thin))
  expect(
    stripe.parseEventNotification(String(sent?.body), String(sent?.signature), simulator.webhookSecret),
  ).toMatchObject({ type: 'v1.billing.meter.no_meter_found' })
})

test('webhooks can be switched off and on, and events deleted, over HTTP', async () => {
  await using seller = await startSeller()
  const { endpoint, stripe } = seller
  const path = `/webhooks/${endpoint.id}`
  expect((await callControl(seller, 'POST', path, { status: 'disabled' })).body).toMatchObject({
    status: 'disabled',
  })
  await stripe.products.create({ name: 'Not delivered' })
  const [event] = await allEvents(stripe)
  expect((await callControl(seller, 'DELETE', `/events/${event?.id}`)).body).toEqual({ removed: 1 })
  expect((await callControl(seller, 'DELETE', `/events/${event?.id}`)).status).toBe(404)
  await callControl(seller, 'POST', path, { status: 'enabled' })
  await stripe.products.create({ name: 'Delivered' })
  await eventually(() => expect(seller.receiver.types()).toEqual(['product.created']))
  expect((await callControl(seller, 'POST', '/webhooks/we_no', { status: 'disabled' })).status).toBe(404)
})

test('a first payment that is declined and then made is one payment intent of the subscription’s invoice', async () => {
  await using seller = await startSeller()
  const { stripe, simulator } = seller
  const { id } = await stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: (await priceOf(stripe)).id, quantity: 1 }],
    success_url: 'https://shop.example.com/thanks',
  })
  simulator.pay(id, 'declined')
  simulator.pay(id, 'declined')
  const { session } = simulator.pay(id)
  const intents = (await stripe.paymentIntents.list()).data
  expect(intents).toMatchObject([{ status: 'succeeded', customer: session.customer }])
  const [payment] = (await stripe.invoicePayments.list({ invoice: String(session.invoice) })).data
  expect(payment).toMatchObject({ status: 'paid', payment: { payment_intent: intents[0]?.id } })
})

async function callControl({ simulator }: Seller, method: string, path: string, body?: object) {
  const init = body ? { method, body: JSON.stringify(body) } : { method }
  const response = await fetch(`${simulator.url}/_simulator${path}`, init)
  return { status: response.status, body: z.looseObject({}).parse(await response.json()) }
}

function idIn(body: unknown, ...path: string[]): string {
  const value = path.reduce<unknown>((object, key) => z.looseObject({}).parse(object)[key], body)
  return z.string().parse(value)
}
