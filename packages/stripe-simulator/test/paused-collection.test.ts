import { expect, test } from 'vitest'
import { openAccount, subscriberIn } from './in-process.ts'
import { statusesOf, typesOf } from './subscriber.ts'

// Source of all: docs.stripe.com/billing/subscriptions/pause-payment, and the SDK's description of `pause_collection`
// (the subscription's status is unchanged).
test.each([
  ['keep_as_draft', ['invoice.created'], { status: 'draft', auto_advance: false }],
  ['void', ['invoice.created', 'invoice.finalized', 'invoice.voided'], { status: 'void' }],
  [
    'mark_uncollectible',
    ['invoice.created', 'payment_intent.created', 'invoice.finalized', 'invoice.marked_uncollectible'],
    { status: 'uncollectible', status_details: { uncollectible: { reason: 'subscription_paused' } } },
  ],
] as const)('while %s, a renewal brings its invoice and leaves the subscription active', async (...row) => {
  const [behavior, types, invoice] = row
  const buyer = await subscriberIn(openAccount())
  const paused = await buyer.stripe.subscriptions.update(buyer.id, { pause_collection: { behavior } })
  expect(paused.pause_collection).toEqual({ behavior, resumes_at: null })

  const events = buyer.until('2026-05-03T00:00:00Z')
  expect(typesOf(events).filter((type) => type !== 'customer.subscription.updated')).toEqual(types)
  expect(statusesOf(events)).toEqual(['updated active'])
  expect((await buyer.invoices())[0]).toMatchObject({
    billing_reason: 'subscription_cycle',
    amount_paid: 0,
    ...invoice,
  })
  expect((await buyer.read()).items.data[0]?.current_period_end).toBe(seconds('2026-06-01T00:00:00Z'))
})

test('a void renewal leaves the credit of the customer alone, and one that is kept uses it when it is finalized', async () => {
  for (const behavior of ['void', 'keep_as_draft'] as const) {
    const buyer = await subscriberIn(openAccount())
    buyer.simulator.credit(buyer.customer, 400)
    buyer.simulator.pauseCollection({ subscription: buyer.id, behavior })
    buyer.until('2026-05-03T00:00:00Z')
    expect(await buyer.stripe.customers.retrieve(buyer.customer)).toMatchObject({ balance: -400 })
    if (behavior === 'void') continue
    const [draft] = await buyer.invoices()
    await buyer.stripe.invoices.update(String(draft?.id), { auto_advance: true })
    buyer.until('2026-05-03T02:00:00Z')
    expect((await buyer.invoices())[0]).toMatchObject({ status: 'paid', total: 1000, amount_paid: 600 })
  }
})

test('collection goes on at resumes_at, and only the renewals after that are paid', async () => {
  const buyer = await subscriberIn(openAccount())
  const resumes_at = seconds('2026-06-15T12:00:00Z')
  buyer.simulator.pauseCollection({ subscription: buyer.id, behavior: 'void', resumes_at })
  const events = buyer.until('2026-07-02T00:00:00Z')
  const resumed = events.find(({ created }) => created === resumes_at)
  expect(resumed).toMatchObject({
    type: 'customer.subscription.updated',
    data: {
      object: { pause_collection: null, status: 'active' },
      previous_attributes: { pause_collection: { behavior: 'void', resumes_at } },
    },
  })
  expect((await buyer.invoices()).map(({ status }) => status)).toEqual(['paid', 'void', 'void', 'paid'])
  // Announced once: the renewals that were not to be collected were not announced.
  expect(typesOf(events).filter((type) => type === 'invoice.upcoming')).toHaveLength(1)
})

test('collection that is resumed by hand pays the next renewal, and a draft of before stays one', async () => {
  const buyer = await subscriberIn(openAccount())
  buyer.simulator.pauseCollection({ subscription: buyer.id, behavior: 'keep_as_draft' })
  buyer.until('2026-05-03T00:00:00Z')
  const resumed = await buyer.stripe.subscriptions.update(buyer.id, { pause_collection: '' })
  expect(resumed.pause_collection).toBeNull()
  buyer.until('2026-06-03T00:00:00Z')
  expect((await buyer.invoices()).map(({ status }) => status)).toEqual(['paid', 'draft', 'paid'])
})

test('an invoice that was open before the pause is tried again all the same', async () => {
  const buyer = await subscriberIn(openAccount())
  buyer.simulator.setCard(buyer.customer, 'declined')
  buyer.until('2026-05-02T00:00:00Z')
  buyer.simulator.pauseCollection({ subscription: buyer.id, behavior: 'mark_uncollectible' })
  buyer.simulator.setCard(buyer.customer, 'works')
  buyer.until('2026-05-06T00:00:00Z')
  expect((await buyer.invoices())[0]).toMatchObject({ status: 'paid', attempt_count: 2 })
  expect(await buyer.read()).toMatchObject({ status: 'active', pause_collection: {} })
})

function seconds(date: string) {
  return Date.parse(date) / 1000
}
