import { expect, test } from 'vitest'
import { startReceiver, startSeller } from './seller.ts'
import { allEvents, day, priceOf, statusesOf, subscribe, typesOf } from './subscriber.ts'

const start = Date.parse('2026-01-31T10:00:00Z')
const startSold = () => startSeller({ now: () => start })

test('a renewal is announced, drafted when the period ends, and paid an hour later', async () => {
  await using seller = await startSold()
  const { id } = await subscribe(seller, { amount: 1200 })
  const { events } = await seller.simulator.moveClock({ to: '2026-02-28T12:00:00Z' })

  expect(
    events.map(({ type, created }) => `${new Date(created * 1000).toISOString().slice(5, 16)} ${type}`),
  ).toEqual([
    '02-21T10:00 invoice.upcoming',
    '02-28T10:00 invoice.created',
    '02-28T10:00 customer.subscription.updated',
    '02-28T11:00 payment_intent.created',
    '02-28T11:00 invoice.finalized',
    '02-28T11:00 charge.succeeded',
    '02-28T11:00 payment_intent.succeeded',
    '02-28T11:00 invoice_payment.paid',
    '02-28T11:00 invoice.paid',
    '02-28T11:00 invoice.payment_succeeded',
  ])
  const [invoice] = (await seller.stripe.invoices.list({ subscription: id })).data
  expect(invoice).toMatchObject({ billing_reason: 'subscription_cycle', status: 'paid', amount_paid: 1200 })
  const subscription = await seller.stripe.subscriptions.retrieve(id)
  expect(subscription).toMatchObject({ status: 'active', latest_invoice: invoice?.id })
  const period = { start: at('2026-02-28T10:00:00Z'), end: at('2026-03-31T10:00:00Z') }
  expect(invoice?.lines.data[0]?.period).toEqual(period)
  expect(subscription.items.data[0]).toMatchObject({
    current_period_start: period.start,
    current_period_end: period.end,
  })
})

test('the update of a renewal shows the old period, and the announced invoice has no id', async () => {
  await using seller = await startSold()
  await subscribe(seller)
  const { events } = await seller.simulator.moveClock({ to: '2026-02-28T12:00:00Z' })
  const updated = events.find(({ type }) => type === 'customer.subscription.updated')
  expect(updated?.data.previous_attributes).toMatchObject({
    items: { data: [{ current_period_end: at('2026-02-28T10:00:00Z') }] },
    latest_invoice: expect.stringMatching(/^in_/),
  })
  const upcoming = events.find(({ type }) => type === 'invoice.upcoming')
  expect(upcoming?.data.object).not.toHaveProperty('id')
  expect(upcoming?.data.object).toMatchObject({ amount_due: 1000, billing_reason: 'upcoming' })
})

test('a trial costs nothing, announces its end, and is followed by the first real invoice', async () => {
  await using seller = await startSold()
  const { id, session, subscription } = await subscribe(seller, { trialDays: 14 })
  expect(session).toMatchObject({ payment_status: 'no_payment_required', amount_total: 0 })
  expect(subscription).toMatchObject({ status: 'trialing', trial_end: at('2026-02-14T10:00:00Z') })

  const { events } = await seller.simulator.moveClock({ advance_seconds: 15 * day })
  expect(typesOf(events)).toContain('customer.subscription.trial_will_end')
  expect(statusesOf(events)).toEqual(['trial_will_end trialing', 'updated active'])
  const invoices = (await seller.stripe.invoices.list({ subscription: id })).data
  expect(invoices.map(({ amount_paid, billing_reason }) => [billing_reason, amount_paid])).toEqual([
    ['subscription_cycle', 1000],
    ['subscription_create', 0],
  ])
})

test('a cancellation at the period’s end can be taken back, and ends the subscription if it is not', async () => {
  await using seller = await startSold()
  const { id } = await subscribe(seller)
  const { subscriptions } = seller.stripe
  expect(await subscriptions.update(id, { cancel_at_period_end: true })).toMatchObject({
    cancel_at: at('2026-02-28T10:00:00Z'),
    cancel_at_period_end: true,
    status: 'active',
  })
  expect(await subscriptions.update(id, { cancel_at_period_end: false })).toMatchObject({
    cancel_at: null,
    canceled_at: null,
  })
  await subscriptions.update(id, { cancel_at_period_end: true })
  const { events } = await seller.simulator.moveClock({ to: '2026-03-10T00:00:00Z' })
  expect(typesOf(events)).toEqual(['customer.subscription.deleted'])
  expect(await subscriptions.retrieve(id)).toMatchObject({
    status: 'canceled',
    ended_at: at('2026-02-28T10:00:00Z'),
    cancellation_details: { reason: 'cancellation_requested' },
  })
  expect((await subscriptions.list()).data).toEqual([])
  expect((await subscriptions.list({ status: 'all' })).data).toHaveLength(1)
})

test('an end within the next period asks for a part of it', async () => {
  await using seller = await startSold()
  const { id } = await subscribe(seller, { amount: 1200 })
  const cancel_at = at('2026-03-10T10:00:00Z')
  await seller.stripe.subscriptions.update(id, { cancel_at })
  await seller.simulator.moveClock({ to: '2026-02-28T12:00:00Z' })
  const [invoice] = (await seller.stripe.invoices.list({ subscription: id })).data
  expect(invoice).toMatchObject({ billing_reason: 'subscription_cycle', status: 'paid', amount_paid: 387 })
  expect(invoice?.lines.data[0]?.period).toEqual({ start: at('2026-02-28T10:00:00Z'), end: cancel_at })
  await seller.simulator.moveClock({ to: '2026-03-10T12:00:00Z' })
  expect(await seller.stripe.subscriptions.retrieve(id)).toMatchObject({
    status: 'canceled',
    ended_at: cancel_at,
  })
})

test('two subscriptions of one customer, one of them with two items, renew side by side', async () => {
  await using seller = await startSold()
  const { customer, subscription } = await subscribe(seller)
  const [small, big] = [
    await priceOf(seller.stripe, { amount: 500 }),
    await priceOf(seller.stripe, { amount: 2000 }),
  ]
  const second = await seller.stripe.subscriptions.create({
    customer,
    items: [{ price: small.id, quantity: 3 }, { price: big.id }],
    metadata: { order_id: 'order-2' },
  })
  expect(second).toMatchObject({ status: 'active', customer })
  await seller.simulator.moveClock({ advance_seconds: 40 * day })
  const totals = async (id: string) =>
    (await seller.stripe.invoices.list({ subscription: id })).data.map(({ total, lines }) => [
      total,
      lines.data.length,
    ])
  expect(await totals(subscription.id)).toEqual([
    [1000, 1],
    [1000, 1],
  ])
  expect(await totals(second.id)).toEqual([
    [3500, 2],
    [3500, 2],
  ])
  expect((await seller.stripe.subscriptions.list({ customer })).data).toHaveLength(2)
})

test('a first invoice that nobody pays in 23 hours is void, and its subscription never began', async () => {
  await using seller = await startSold()
  const customer = await seller.stripe.customers.create({ email: 'late@example.com' })
  const price = await priceOf(seller.stripe)
  const create = (behavior: 'default_incomplete' | 'allow_incomplete') =>
    seller.stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price.id }],
      payment_behavior: behavior,
      expand: ['latest_invoice'],
    })
  const waiting = await create('default_incomplete')
  expect(waiting).toMatchObject({
    status: 'incomplete',
    latest_invoice: { status: 'open', attempted: false },
  })
  seller.simulator.setCard(customer.id, 'insufficient_funds')
  const refused = await create('allow_incomplete')
  expect(refused).toMatchObject({ status: 'incomplete', latest_invoice: { status: 'open', attempted: true } })

  seller.simulator.setCard(customer.id, 'works')
  await seller.stripe.invoices.pay(invoiceOf(waiting))
  const { events } = await seller.simulator.moveClock({ advance_seconds: day })
  expect(statusesOf(events)).toEqual(['updated incomplete_expired'])
  expect(await seller.stripe.invoices.retrieve(invoiceOf(refused))).toMatchObject({ status: 'void' })
  expect(await seller.stripe.subscriptions.retrieve(waiting.id)).toMatchObject({ status: 'active' })
})

test.each([
  ['takes nothing', 100, '2026-03-03T11:00:00.000Z'],
  ['takes it in time', 0, '2026-02-28T11:00:00.000Z'],
])(
  'where Stripe waits for invoice.created, an endpoint that %s decides when a renewal is paid',
  async (_, refusals, paidAt) => {
    await using seller = await startSeller({ now: () => start, timeScale: 1 })
    await using slow = await startReceiver('whsec_slow')
    slow.answer(...Array<number>(refusals).fill(503))
    const { id } = await subscribe(seller)
    seller.simulator.addWebhook(slow.url, 'whsec_slow', { events: ['invoice.created'] })
    seller.simulator.setBilling({ waits_for_invoice_created: true })
    await seller.simulator.moveClock({ to: '2026-03-10T00:00:00Z' })
    const [renewal] = (await seller.stripe.invoices.list({ subscription: id })).data
    expect(new Date(Number(renewal?.status_transitions.paid_at) * 1000).toISOString()).toBe(paidAt)
  },
)

test('after thirty days on the moved clock the list of events forgets what happened first', async () => {
  await using seller = await startSold()
  await subscribe(seller)
  await seller.simulator.moveClock({ advance_seconds: 60 * day })
  const listed = await allEvents(seller.stripe)
  expect(typesOf(listed)).not.toContain('checkout.session.completed')
  expect(typesOf(listed)).toContain('invoice.paid')
})

function at(date: string) {
  return Date.parse(date) / 1000
}

function invoiceOf({ latest_invoice }: { latest_invoice: string | { id: string } | null }) {
  return typeof latest_invoice === 'string' ? latest_invoice : String(latest_invoice?.id)
}
