import { expect, test } from 'vitest'
import { openAccount, subscriberIn } from './in-process.ts'

const at = (date: string) => Date.parse(`${date}T00:00:00Z`) / 1000

// Source: docs.stripe.com/billing/subscriptions/upgrade-downgrade: the same item gets another price.
test('a switch in the portal changes the price of the same item, with nothing that names a plan', async () => {
  const buyer = await subscriberIn(openAccount(), { metadata: { plan: 'monthly' } })
  const before = buyer.simulator.events().length
  buyer.simulator.switchPlan({ subscription: buyer.id, amount: 1999, proration_behavior: 'none' })
  const [updated] = buyer.simulator.events().slice(before).filter(isUpdate)
  expect(updated).toMatchObject({
    request: { id: null },
    data: {
      object: {
        metadata: { plan: 'monthly' },
        items: { data: [{ id: buyer.item, price: { unit_amount: 1999, metadata: {} } }] },
      },
      previous_attributes: { items: { data: [{ price: { unit_amount: 1000 } }] } },
    },
  })
  buyer.until('2026-05-02T00:00:00Z')
  expect((await buyer.invoices())[0]).toMatchObject({ amount_paid: 1999 })
})

// Source: docs.stripe.com/billing/subscriptions/upgrade-downgrade ("changing to a different billing interval restarts
// the period"), docs.stripe.com/billing/subscriptions/prorations.
test('from yearly to monthly the period restarts now, and what was unused becomes credit for ten renewals', async () => {
  const account = openAccount()
  const { customer, subscription } = account.subscribe({ amount: 9990, interval: 'year' })
  account.advanceClock(5 * 86_400_000)
  account.switchPlan({ subscription: subscription.id, amount: 999, interval: 'month' })
  const stripe = account.client()
  const [change] = (await stripe.invoices.list({ subscription: subscription.id })).data
  expect(change).toMatchObject({ billing_reason: 'subscription_update', total: -8854, amount_paid: 0 })
  expect(
    change?.lines.data.map(({ amount, period, parent }) => [
      amount,
      period.end,
      parent?.subscription_item_details?.proration,
    ]),
  ).toEqual([
    [-9853, at('2027-04-01'), true],
    [999, at('2026-05-06'), false],
  ])
  expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: -8854 })
  const read = await stripe.subscriptions.retrieve(subscription.id)
  expect(read.items.data[0]).toMatchObject({
    current_period_start: at('2026-04-06'),
    current_period_end: at('2026-05-06'),
  })

  account.advanceClock(31 * 86_400_000)
  const [renewal] = (await stripe.invoices.list({ subscription: subscription.id })).data
  expect(renewal).toMatchObject({
    status: 'paid',
    total: 999,
    starting_balance: -8854,
    ending_balance: -7855,
    amount_due: 0,
    amount_paid: 0,
  })
  expect((await stripe.invoicePayments.list({ invoice: String(renewal?.id) })).data).toEqual([])
})

// Source: docs.stripe.com/billing/subscriptions/billing-cycle (a prorated invoice until the first full one).
test('an anchor ahead makes the first period shorter and cheaper', async () => {
  const account = openAccount()
  const params = { amount: 999, billing_cycle_anchor: at('2026-04-02') }
  const { subscription, invoice } = account.subscribe(params)
  expect(invoice).toMatchObject({ status: 'paid', total: 32, amount_paid: 32 })
  expect(invoice.lines.data).toMatchObject([
    {
      amount: 32,
      period: { start: at('2026-04-01'), end: at('2026-04-02') },
      parent: { subscription_item_details: { proration: true } },
    },
  ])
  expect(subscription.items.data[0]?.current_period_end).toBe(at('2026-04-02'))
  account.advanceClock(2 * 86_400_000)
  const [renewal] = (await account.client().invoices.list({ subscription: subscription.id })).data
  expect(renewal).toMatchObject({ billing_reason: 'subscription_cycle', amount_paid: 999 })
  expect(renewal?.lines.data[0]?.period).toEqual({ start: at('2026-04-02'), end: at('2026-05-02') })

  expect(
    account.subscribe({ ...params, billing_cycle_anchor: at('2026-04-20'), proration_behavior: 'none' })
      .invoice,
  ).toMatchObject({ status: 'paid', total: 0 })
  expect(() => account.subscribe({ billing_cycle_anchor: at('2026-06-20') })).toThrow('natural billing date')
})

test('a page with an anchor ahead asks for the share, in the session and in its invoice', async () => {
  const { stripe, simulator, priceOf } = await subscriberIn(openAccount())
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: (await priceOf(999)).id, quantity: 1 }],
    metadata: { plan: 'monthly', region: 'eu' },
    subscription_data: { billing_cycle_anchor: at('2026-04-02') },
    success_url: 'https://shop.example.com/thanks',
  })
  expect(session.amount_total).toBe(32)
  const { session: paid } = simulator.pay(session.id)
  expect(paid).toMatchObject({ amount_total: 32, payment_status: 'paid', payment_intent: null })
  expect(await stripe.invoices.retrieve(String(paid.invoice))).toMatchObject({ amount_paid: 32 })
})

function isUpdate({ type }: { type: string }) {
  return type === 'customer.subscription.updated'
}
