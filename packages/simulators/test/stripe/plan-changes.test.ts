import { expect, test } from 'vitest'
import { startSeller } from './seller.ts'
import { allEvents, day, priceOf, type Seller, subscribe, typesOf } from './subscriber.ts'

const start = Date.parse('2026-04-01T00:00:00Z')
// April has thirty days: ten days into it, two thirds of a price are left.
const tenDaysIn = '2026-04-11T00:00:00Z'

test('an upgrade that is invoiced at once asks for the rest of the period', async () => {
  await using seller = await subscribedFor(900)
  const {
    seller: { stripe },
    id,
    item,
  } = seller
  const big = await priceOf(stripe, { amount: 3000 })
  const updated = await stripe.subscriptions.update(id, {
    items: [{ id: item.id, price: big.id }],
    proration_behavior: 'always_invoice',
    expand: ['latest_invoice'],
  })
  expect(updated.items.data).toMatchObject([
    { id: item.id, price: { id: big.id }, current_period_end: item.current_period_end },
  ])
  expect(updated.latest_invoice).toMatchObject({
    billing_reason: 'subscription_update',
    status: 'paid',
    total: 1400,
    lines: { data: [{ amount: -600 }, { amount: 2000 }] },
  })
  const event = (await allEvents(stripe, { type: 'customer.subscription.updated' })).at(-1)
  expect(event?.data.previous_attributes).toMatchObject({
    items: { data: [{ price: { unit_amount: 900 } }] },
    latest_invoice: expect.any(String),
  })
  expect(Object.keys(event?.data.previous_attributes ?? {}).sort()).toEqual(['items', 'latest_invoice'])
})

test('prorations that may wait are on the next invoice, and without prorations there are none', async () => {
  await using seller = await subscribedFor(900)
  const {
    seller: { stripe, simulator },
    id,
    item,
  } = seller
  const [big, huge] = [await priceOf(stripe, { amount: 3000 }), await priceOf(stripe, { amount: 6000 })]
  await stripe.subscriptions.update(id, { items: [{ id: item.id, price: big.id }] })
  await stripe.subscriptions.update(id, {
    items: [{ id: item.id, price: huge.id }],
    proration_behavior: 'none',
  })
  expect((await stripe.invoices.list({ subscription: id })).data).toHaveLength(1)
  await simulator.moveClock({ to: '2026-05-02T00:00:00Z' })
  const [renewal] = (await stripe.invoices.list({ subscription: id })).data
  expect(renewal).toMatchObject({ total: 7400, amount_paid: 7400 })
  expect(renewal?.lines.data.map(({ amount }) => amount)).toEqual([-600, 2000, 6000])
})

test('a downgrade that is invoiced at once becomes credit, which pays for what comes next', async () => {
  await using seller = await subscribedFor(3000)
  const {
    seller: { stripe, simulator },
    id,
    item,
    customer,
  } = seller
  const small = await priceOf(stripe, { amount: 900 })
  await stripe.subscriptions.update(id, {
    items: [{ id: item.id, price: small.id }],
    proration_behavior: 'always_invoice',
  })
  expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: -1400 })
  await simulator.moveClock({ to: '2026-06-02T00:00:00Z' })
  const invoices = (await stripe.invoices.list({ subscription: id })).data
  expect(
    invoices.map(({ total, amount_paid, ending_balance }) => [total, amount_paid, ending_balance]),
  ).toEqual([
    [900, 400, 0],
    [900, 0, -500],
    [-1400, 0, -1400],
    [3000, 3000, 0],
  ])
})

test('a change may wait for its money: it is applied when paid', async () => {
  await using seller = await subscribedFor(900)
  const {
    seller: { stripe, simulator },
    id,
    item,
    customer,
  } = seller
  const big = await priceOf(stripe, { amount: 3000 })
  simulator.setCard(customer, 'declined')
  const pending = await stripe.subscriptions.update(id, {
    items: [{ id: item.id, price: big.id }],
    proration_behavior: 'always_invoice',
    payment_behavior: 'pending_if_incomplete',
  })
  expect(pending).toMatchObject({
    status: 'active',
    items: { data: [{ price: { unit_amount: 900 } }] },
    pending_update: { subscription_items: [{ price: { id: big.id } }] },
  })
  simulator.setCard(customer, 'works')
  await stripe.invoices.pay(String(pending.latest_invoice))
  expect(await stripe.subscriptions.retrieve(id)).toMatchObject({
    pending_update: null,
    items: { data: [{ price: { id: big.id } }] },
  })
  expect(typesOf(await allEvents(stripe))).toContain('customer.subscription.pending_update_applied')
})

test('a change that nobody pays for is forgotten after 23 hours, and its invoice void', async () => {
  await using seller = await subscribedFor(900)
  const {
    seller: { stripe, simulator },
    id,
    item,
    customer,
  } = seller
  const big = await priceOf(stripe, { amount: 3000 })
  simulator.setCard(customer, 'declined')
  const pending = await stripe.subscriptions.update(id, {
    items: [{ id: item.id, price: big.id }],
    proration_behavior: 'always_invoice',
    payment_behavior: 'pending_if_incomplete',
  })
  const { events } = await simulator.moveClock({ advance_seconds: day })
  expect(typesOf(events)).toEqual([
    'customer.subscription.updated',
    'customer.subscription.pending_update_expired',
    'payment_intent.canceled',
    'invoice.voided',
  ])
  expect((await stripe.invoices.retrieve(String(pending.latest_invoice))).status).toBe('void')
  expect(await stripe.subscriptions.retrieve(id)).toMatchObject({
    status: 'active',
    items: { data: [{ price: { unit_amount: 900 } }] },
  })
})

test('a change that must be paid at once is refused and nothing has happened', async () => {
  await using seller = await subscribedFor(900)
  const {
    seller: { stripe, simulator },
    id,
    item,
    customer,
  } = seller
  const big = await priceOf(stripe, { amount: 3000 })
  simulator.setCard(customer, 'declined')
  const before = await stripe.subscriptions.retrieve(id)
  await expect(
    stripe.subscriptions.update(id, {
      items: [{ id: item.id, price: big.id }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'error_if_incomplete',
    }),
  ).rejects.toMatchObject({ type: 'StripeCardError', statusCode: 402, decline_code: 'generic_decline' })
  expect(await stripe.subscriptions.retrieve(id)).toEqual(before)
})

test('a change that may be owed is made, and the subscription is past due', async () => {
  await using seller = await subscribedFor(900)
  const {
    seller: { stripe, simulator },
    id,
    item,
    customer,
  } = seller
  const big = await priceOf(stripe, { amount: 3000 })
  simulator.setCard(customer, 'declined')
  const updated = await stripe.subscriptions.update(id, {
    items: [{ id: item.id, price: big.id }],
    proration_behavior: 'always_invoice',
  })
  expect(updated).toMatchObject({ status: 'past_due', items: { data: [{ price: { id: big.id } }] } })
})

test('from monthly to yearly a new period begins and is asked for at once', async () => {
  await using seller = await subscribedFor(900)
  const {
    seller: { stripe },
    id,
    item,
  } = seller
  const yearly = await priceOf(stripe, { amount: 9000, interval: 'year' })
  const updated = await stripe.subscriptions.update(id, {
    items: [{ id: item.id, price: yearly.id }],
    expand: ['latest_invoice'],
  })
  expect(updated.items.data[0]).toMatchObject({
    current_period_start: at(tenDaysIn),
    current_period_end: at('2027-04-11T00:00:00Z'),
  })
  expect(updated.latest_invoice).toMatchObject({ total: 8400, status: 'paid' })
})

test('what cannot be changed is refused by name', async () => {
  await using seller = await subscribedFor(900)
  const {
    seller: { stripe },
    id,
    item,
  } = seller
  const euro = await priceOf(stripe, { currency: 'eur' })
  const { subscriptions } = stripe
  await expect(subscriptions.update(id, { items: [{ id: 'si_no', price: euro.id }] })).rejects.toMatchObject({
    param: 'items[0][id]',
  })
  await expect(
    subscriptions.update(id, { items: [{ id: item.id, price: 'price_no' }] }),
  ).rejects.toMatchObject({
    param: 'items[0][price]',
  })
  await expect(subscriptions.update(id, { items: [{ id: item.id, price: euro.id }] })).rejects.toThrow(
    'currency',
  )
  await expect(
    subscriptions.update(id, { payment_behavior: 'pending_if_incomplete', metadata: { a: '1' }, items: [] }),
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

test('currencies without and with three decimals prorate in amounts that can be charged', async () => {
  await using seller = await startSeller({ now: () => start })
  const totals = []
  for (const [currency, amount, more] of [
    ['jpy', 1000, 1501],
    ['kwd', 10_000, 15_010],
  ] as const) {
    const { id, subscription } = await subscribe(seller, { currency, amount })
    const price = await priceOf(seller.stripe, { currency, amount: more })
    await seller.simulator.moveClock({ advance_seconds: 10 * day })
    const updated = await seller.stripe.subscriptions.update(id, {
      items: [{ id: String(subscription.items.data[0]?.id), price: price.id }],
      proration_behavior: 'always_invoice',
      expand: ['latest_invoice'],
    })
    totals.push(typeof updated.latest_invoice === 'object' && updated.latest_invoice?.total)
  }
  expect(totals).toEqual([1001 - 667, 10_010 - 6_670])
})

async function subscribedFor(amount: number) {
  const seller: Seller = await startSeller({ now: () => start })
  const { id, customer, subscription } = await subscribe(seller, { amount })
  await seller.simulator.moveClock({ to: tenDaysIn })
  const [item] = subscription.items.data
  if (!item) throw new Error('a subscription without items')
  return { seller, id, customer, item, [Symbol.asyncDispose]: () => seller[Symbol.asyncDispose]() }
}

function at(date: string) {
  return Date.parse(date) / 1000
}
