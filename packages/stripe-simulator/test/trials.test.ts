import { expect, test } from 'vitest'
import { openAccount, subscriberIn } from './in-process.ts'
import { statusesOf, typesOf } from './subscriber.ts'

const at = (date: string) => Date.parse(`${date}T00:00:00Z`) / 1000

// Source: docs.stripe.com/billing/subscriptions/trials: the new end moves the anchor; nothing is owed before it.
test('a trial that is extended moves the period and the anchor, and is paid from its new end on', async () => {
  const buyer = await subscriberIn(openAccount(), { trial_period_days: 14 })
  buyer.until('2026-04-10T00:00:00Z')
  const extended = await buyer.stripe.subscriptions.update(buyer.id, { trial_end: at('2026-05-05') })
  expect(extended).toMatchObject({
    status: 'trialing',
    trial_end: at('2026-05-05'),
    billing_cycle_anchor: at('2026-05-05'),
    items: { data: [{ current_period_start: at('2026-04-01'), current_period_end: at('2026-05-05') }] },
  })
  expect(await buyer.invoices()).toHaveLength(1)
  const events = buyer.until('2026-05-06T00:00:00Z')
  expect(statusesOf(events)).toEqual(['trial_will_end trialing', 'updated active'])
  expect((await buyer.invoices())[0]).toMatchObject({ amount_paid: 1000, status: 'paid' })
})

// Source: the SDK's description of `trial_end`, docs.stripe.com/billing/subscriptions/prorations (unused time is credit).
test('a trial given in a paid period credits the rest of it, and costs nothing until it ends', async () => {
  const buyer = await subscriberIn(openAccount(), { amount: 3000 })
  buyer.until('2026-04-11T00:00:00Z')
  const trial = buyer.simulator.extendTrial(buyer.id, at('2026-06-01'))
  expect(trial).toMatchObject({ status: 'trialing', trial_end: at('2026-06-01') })
  const [invoice] = await buyer.invoices()
  expect(invoice).toMatchObject({ billing_reason: 'subscription_update', status: 'paid', total: -2000 })
  expect(invoice?.lines.data.map(({ amount, period }) => [amount, period.end])).toEqual([
    [-2000, at('2026-05-01')],
    [0, at('2026-06-01')],
  ])
  expect(await buyer.stripe.customers.retrieve(buyer.customer)).toMatchObject({ balance: -2000 })
  expect(typesOf(buyer.until('2026-05-25T00:00:00Z'))).not.toContain('invoice.created')
  buyer.until('2026-06-02T00:00:00Z')
  expect((await buyer.invoices())[0]).toMatchObject({ total: 3000, amount_paid: 1000, ending_balance: 0 })
})

test('a trial that ends now is charged at once', async () => {
  const buyer = await subscriberIn(openAccount(), { trial_period_days: 14 })
  buyer.until('2026-04-05T00:00:00Z')
  const ended = await buyer.stripe.subscriptions.update(buyer.id, { trial_end: 'now' })
  expect(ended).toMatchObject({ status: 'active', trial_end: at('2026-04-05') })
  expect((await buyer.invoices())[0]).toMatchObject({ status: 'paid', amount_paid: 1000 })
  expect((await buyer.read()).items.data[0]?.current_period_end).toBe(at('2026-05-05'))
})

// Source: docs.stripe.com/billing/subscriptions/trials#create-free-trials-without-payment.
test.each([
  ['create_invoice', ['updated active', 'updated past_due'], 'past_due', 2],
  ['pause', ['paused paused'], 'paused', 1],
  ['cancel', ['deleted canceled'], 'canceled', 1],
] as const)(
  'a trial that ends without a payment method: %s',
  async (missing_payment_method, emitted, status, invoices) => {
    const buyer = await subscriberIn(openAccount(), {
      trial_period_days: 14,
      trial_settings: { end_behavior: { missing_payment_method } },
    })
    buyer.simulator.setCard(buyer.customer, 'none')
    const events = buyer.until('2026-04-16T00:00:00Z')
    expect(statusesOf(events).filter((text) => !text.startsWith('trial_will_end'))).toEqual(
      expect.arrayContaining([...emitted]),
    )
    expect(await buyer.read()).toMatchObject({ status })
    expect(await buyer.invoices()).toHaveLength(invoices)
    expect((await buyer.stripe.charges.list()).data).toEqual([])
  },
)

test('a trial that paused goes on, in a new period, when it is resumed with a card', async () => {
  const buyer = await subscriberIn(openAccount(), {
    trial_period_days: 14,
    trial_settings: { end_behavior: { missing_payment_method: 'pause' } },
  })
  buyer.simulator.setCard(buyer.customer, 'none')
  buyer.until('2026-05-01T00:00:00Z')
  expect(await buyer.read()).toMatchObject({
    status_details: { paused: { subscription: { type: 'trial_end_without_payment_method' } } },
  })
  buyer.simulator.setCard(buyer.customer, 'works')
  expect(await buyer.stripe.subscriptions.resume(buyer.id)).toMatchObject({
    status: 'active',
    items: { data: [{ current_period_start: at('2026-05-01') }] },
  })
})

test('a page that asks for no card where nothing is owed leaves the customer without one', async () => {
  const { stripe, simulator, priceOf } = await subscriberIn(openAccount())
  const { id } = await stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: (await priceOf(1000)).id, quantity: 1 }],
    payment_method_collection: 'if_required',
    subscription_data: {
      trial_period_days: 7,
      trial_settings: { end_behavior: { missing_payment_method: 'cancel' } },
    },
    success_url: 'https://shop.example.com/thanks',
  })
  const { session } = simulator.pay(id)
  simulator.advanceClock(8 * 86_400_000)
  expect(await stripe.subscriptions.retrieve(String(session.subscription))).toMatchObject({
    status: 'canceled',
  })
})
