import { expect, test } from 'vitest'
import { startSeller } from './seller.ts'
import { allEvents, day, midPeriod, priceOf, pricesOf, subscribe } from './subscriber.ts'

const now = { proration_behavior: 'always_invoice' } as const

test('an upgrade that is invoiced at once asks for the rest of the period', async () => {
  await using buyer = await midPeriod(900)
  const updated = await buyer.changeTo(3000, { ...now, expand: ['latest_invoice'] })
  expect(pricesOf(updated)).toEqual([3000])
  expect(updated.items.data).toMatchObject([{ id: buyer.item, current_period_end: at('2026-05-01') }])
  expect(updated.latest_invoice).toMatchObject({
    billing_reason: 'subscription_update',
    status: 'paid',
    total: 1400,
    lines: { data: [{ amount: -600 }, { amount: 2000 }] },
  })
  const event = (await allEvents(buyer.stripe, { type: 'customer.subscription.updated' })).at(-1)
  expect(event?.data.previous_attributes).toMatchObject({
    items: { data: [{ price: { unit_amount: 900 } }] },
    latest_invoice: expect.any(String),
  })
  expect(Object.keys(event?.data.previous_attributes ?? {}).sort()).toEqual(['items', 'latest_invoice'])
})

test('prorations that may wait are on the next invoice, and without prorations there are none', async () => {
  await using buyer = await midPeriod(900)
  await buyer.changeTo(3000)
  await buyer.changeTo(6000, { proration_behavior: 'none' })
  expect((await buyer.stripe.invoices.list({ subscription: buyer.id })).data).toHaveLength(1)
  await buyer.simulator.moveClock({ to: '2026-05-02T00:00:00Z' })
  const [renewal] = (await buyer.stripe.invoices.list({ subscription: buyer.id })).data
  expect(renewal).toMatchObject({ total: 7400, amount_paid: 7400 })
  expect(renewal?.lines.data.map(({ amount }) => amount)).toEqual([-600, 2000, 6000])
})

// Source: docs.stripe.com/api/invoiceitems/list (`pending`).
test('prorations that wait are pending invoice items until an invoice takes them', async () => {
  await using buyer = await midPeriod(900)
  const changed = await buyer.changeTo(3000)
  const { customer, id: subscription } = buyer
  const listed = async (pending: boolean) =>
    (await buyer.stripe.invoiceItems.list({ customer, pending, limit: 100 })).data
  expect(await listed(true)).toMatchObject([
    {
      amount: 2000,
      proration: true,
      invoice: null,
      period: { end: at('2026-05-01') },
      pricing: { price_details: { price: changed.items.data[0]?.price.id } },
      parent: { subscription_details: { subscription } },
    },
    { amount: -600, proration: true },
  ])
  await buyer.simulator.moveClock({ to: '2026-05-02T00:00:00Z' })
  expect(await listed(true)).toEqual([])
  const [renewal] = (await buyer.stripe.invoices.list({ subscription })).data
  expect((await listed(false)).map(({ invoice }) => invoice)).toEqual([renewal?.id, renewal?.id])
})

test('a downgrade that is invoiced at once becomes credit, which pays for what comes next', async () => {
  await using buyer = await midPeriod(3000)
  await buyer.changeTo(900, now)
  expect(await buyer.stripe.customers.retrieve(buyer.customer)).toMatchObject({ balance: -1400 })
  await buyer.simulator.moveClock({ to: '2026-06-02T00:00:00Z' })
  const invoices = (await buyer.stripe.invoices.list({ subscription: buyer.id })).data
  expect(
    invoices.map(({ total, amount_paid, ending_balance }) => [total, amount_paid, ending_balance]),
  ).toEqual([
    [900, 400, 0],
    [900, 0, -500],
    [-1400, 0, -1400],
    [3000, 3000, 0],
  ])
})

test('from monthly to yearly a new period begins and is asked for at once', async () => {
  await using buyer = await midPeriod(900)
  const updated = await buyer.changeTo(9000, { expand: ['latest_invoice'] }, { interval: 'year' })
  expect(updated.items.data[0]).toMatchObject({
    current_period_start: at('2026-04-11'),
    current_period_end: at('2027-04-11'),
  })
  expect(updated.latest_invoice).toMatchObject({ total: 8400, status: 'paid' })
})

test('items can be added, counted and taken away', async () => {
  await using buyer = await midPeriod(900)
  const { stripe, id, item } = buyer
  const extra = await priceOf(stripe, { amount: 300 })
  const two = await stripe.subscriptions.update(id, { ...now, items: [{ price: extra.id, quantity: 2 }] })
  expect(two.items.data.map(({ price, quantity }) => [price.unit_amount, quantity])).toEqual([
    [900, 1],
    [300, 2],
  ])
  const one = await stripe.subscriptions.update(id, { ...now, items: [{ id: item, deleted: true }] })
  expect(pricesOf(one)).toEqual([300])
  expect((await stripe.invoices.list({ subscription: id })).data.map(({ total }) => total)).toEqual([
    -600, 400, 900,
  ])
  const [last] = one.items.data
  await expect(
    stripe.subscriptions.update(id, { items: [{ id: String(last?.id), deleted: true }] }),
  ).rejects.toThrow('at least one')
})

test('a parameter that cannot be changed is refused by name', async () => {
  await using buyer = await midPeriod(900)
  const { stripe, id, item } = buyer
  const { subscriptions } = stripe
  await expect(
    subscriptions.update(id, { items: [{ id: 'si_no', price: 'price_no' }] }),
  ).rejects.toMatchObject({
    param: 'items[0][id]',
  })
  await expect(subscriptions.update(id, { items: [{ id: item, price: 'price_no' }] })).rejects.toMatchObject({
    param: 'items[0][price]',
  })
  await expect(buyer.changeTo(900, {}, { currency: 'eur' })).rejects.toThrow('currency')
  await expect(
    buyer.changeTo(3000, { payment_behavior: 'pending_if_incomplete', metadata: { a: '1' } }),
  ).rejects.toThrow('supported params')
  await subscriptions.cancel(id, { prorate: true })
  await expect(subscriptions.update(id, { cancel_at_period_end: true })).rejects.toMatchObject({
    code: 'invalid_canceled_subscription_fields',
  })
  expect((await subscriptions.update(id, { metadata: { note: 'gone' } })).metadata).toEqual({
    order_id: 'order-1',
    note: 'gone',
  })
  await expect(subscriptions.cancel(id)).rejects.toMatchObject({ statusCode: 404 })
})

test.each([
  ['jpy', 1000, 1501, 1001 - 667],
  ['kwd', 10_000, 15_010, 10_010 - 6_670],
])('in %s prorations are amounts that can be charged', async (currency, from, to, total) => {
  await using seller = await startSeller({ now: () => Date.parse('2026-04-01T00:00:00Z') })
  const { id, subscription } = await subscribe(seller, { currency, amount: from })
  const price = await priceOf(seller.stripe, { currency, amount: to })
  await seller.simulator.moveClock({ advance_seconds: 10 * day })
  const updated = await seller.stripe.subscriptions.update(id, {
    ...now,
    items: [{ id: String(subscription.items.data[0]?.id), price: price.id }],
    expand: ['latest_invoice'],
  })
  expect(updated.latest_invoice).toMatchObject({ currency, total, status: 'paid' })
})

function at(date: string) {
  return Date.parse(`${date}T00:00:00Z`) / 1000
}
