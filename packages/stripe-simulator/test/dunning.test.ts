import { expect, test } from 'vitest'
import { startSeller } from './seller.ts'
import { day, statusesOf, subscribe, typesOf } from './subscriber.ts'

const start = Date.parse('2026-01-15T10:00:00Z')
const startSold = () => startSeller({ now: () => start })

test('a failing card is retried as configured, and then the subscription ends', async () => {
  await using seller = await startSold()
  const { id, customer } = await subscribe(seller)
  seller.simulator.setCard(customer, 'insufficient_funds')
  const { events } = await seller.simulator.moveClock({ advance_seconds: 60 * day })

  const failures = events.filter(({ type }) => type === 'invoice.payment_failed')
  expect(failures.map(({ data }) => data.object)).toMatchObject([
    { attempt_count: 1, next_payment_attempt: at('2026-02-18T11:00:00Z') },
    { attempt_count: 2, next_payment_attempt: at('2026-02-23T11:00:00Z') },
    { attempt_count: 3, next_payment_attempt: at('2026-03-02T11:00:00Z') },
    { attempt_count: 4, next_payment_attempt: null },
  ])
  expect(statusesOf(events)).toEqual(['updated active', 'updated past_due', 'deleted canceled'])
  expect(await seller.stripe.subscriptions.retrieve(id)).toMatchObject({
    cancellation_details: { reason: 'payment_failed' },
  })
  const [intent] = (await seller.stripe.paymentIntents.list({ customer })).data
  expect(intent).toMatchObject({
    status: 'requires_payment_method',
    last_payment_error: { code: 'card_declined', decline_code: 'insufficient_funds' },
  })
  expect((await seller.stripe.charges.list({ payment_intent: String(intent?.id) })).data).toHaveLength(4)
})

test('a card that works again in time makes the subscription active again', async () => {
  await using seller = await startSold()
  const { id, customer } = await subscribe(seller)
  seller.simulator.setCard(customer, 'declined')
  await seller.simulator.moveClock({ to: '2026-02-16T00:00:00Z' })
  expect(await seller.stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'past_due' })
  seller.simulator.setCard(customer, 'works')
  const { events } = await seller.simulator.moveClock({ to: '2026-02-19T00:00:00Z' })
  expect(typesOf(events)).toEqual(
    expect.arrayContaining(['charge.succeeded', 'invoice.paid', 'customer.subscription.updated']),
  )
  expect(await seller.stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'active' })
})

test.each([
  ['unpaid', 'updated unpaid', 'unpaid'],
  ['past_due', 'updated past_due', 'past_due'],
  ['paused', 'paused paused', 'paused'],
] as const)('when nothing helps the seller can have it %s', async (final_outcome, last, status) => {
  await using seller = await startSold()
  const { id, customer } = await subscribe(seller)
  seller.simulator.setCard(customer, 'lost')
  seller.simulator.setBilling({ retry_days: [1], final_outcome, final_invoice: 'uncollectible' })
  const { events } = await seller.simulator.moveClock({ to: '2026-02-20T00:00:00Z' })
  expect(statusesOf(events).at(-1)).toBe(last)
  expect(typesOf(events)).toContain('invoice.marked_uncollectible')
  const [invoice] = (await seller.stripe.invoices.list({ subscription: id, status: 'uncollectible' })).data
  expect(invoice).toMatchObject({ status_details: { uncollectible: { reason: 'max_payment_attempts' } } })
  expect((await seller.stripe.subscriptions.retrieve(id)).status).toBe(status)
})

test('a subscription paused after its last attempt shows the reason, and continues when it is resumed and paid', async () => {
  await using seller = await startSold()
  const { id, customer } = await subscribe(seller)
  seller.simulator.setCard(customer, 'declined')
  seller.simulator.setBilling({ retry_days: [], final_outcome: 'paused' })
  await seller.simulator.moveClock({ to: '2026-04-20T00:00:00Z' })
  const paused = await seller.stripe.subscriptions.retrieve(id)
  expect(paused.status_details?.paused.subscription.type).toBe('final_payment_failure')
  expect((await seller.stripe.invoices.list({ subscription: id })).data).toHaveLength(2)

  seller.simulator.setCard(customer, 'works')
  const resumed = await seller.stripe.subscriptions.resume(id)
  expect(resumed.status).toBe('active')
  expect(resumed.items.data[0]?.current_period_start).toBe(at('2026-04-20T00:00:00Z'))
  expect((await seller.stripe.events.list({ type: 'customer.subscription.resumed' })).data).toHaveLength(1)
})

test('an unpaid subscription only drafts its renewals, and paying the last one makes it active', async () => {
  await using seller = await startSold()
  const { id, customer } = await subscribe(seller)
  seller.simulator.setCard(customer, 'declined')
  seller.simulator.setBilling({ retry_days: [], final_outcome: 'unpaid' })
  await seller.simulator.moveClock({ to: '2026-03-20T00:00:00Z' })
  const [draft] = (await seller.stripe.invoices.list({ subscription: id })).data
  expect(draft).toMatchObject({ status: 'draft', auto_advance: false })
  seller.simulator.setCard(customer, 'works')
  await seller.stripe.invoices.pay(String(draft?.id))
  expect(await seller.stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'active' })
})

test('a renewal paid past Stripe has no payment intent that succeeded, and counts all the same', async () => {
  await using seller = await startSold()
  const { id, customer } = await subscribe(seller)
  seller.simulator.setCard(customer, 'declined')
  await seller.simulator.moveClock({ to: '2026-02-16T00:00:00Z' })
  const [open] = (await seller.stripe.invoices.list({ subscription: id, status: 'open' })).data
  const paid = await seller.stripe.invoices.pay(String(open?.id), { paid_out_of_band: true })
  expect(paid).toMatchObject({ status: 'paid', amount_remaining: 0 })
  expect(await seller.stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'active' })
  const [payment] = (await seller.stripe.invoicePayments.list({ invoice: paid.id })).data
  expect(payment).toMatchObject({ status: 'canceled', amount_paid: null })
  await expect(seller.stripe.invoices.pay(paid.id)).rejects.toThrow('already paid')
})

test('paying an open invoice with a card that fails is a card error, and one more attempt', async () => {
  await using seller = await startSold()
  const { id, customer } = await subscribe(seller)
  seller.simulator.setCard(customer, 'expired')
  await seller.simulator.moveClock({ to: '2026-02-16T00:00:00Z' })
  const [open] = (await seller.stripe.invoices.list({ subscription: id, status: 'open' })).data
  await expect(seller.stripe.invoices.pay(String(open?.id))).rejects.toMatchObject({
    type: 'StripeCardError',
    statusCode: 402,
    code: 'expired_card',
  })
  expect(await seller.stripe.invoices.retrieve(String(open?.id))).toMatchObject({
    attempt_count: 2,
    next_payment_attempt: open?.next_payment_attempt,
  })
})

test('a payment that needs confirmation at the bank shows it', async () => {
  await using seller = await startSold()
  const { customer } = await subscribe(seller)
  seller.simulator.setCard(customer, 'requires_action')
  const { events } = await seller.simulator.moveClock({ to: '2026-02-16T00:00:00Z' })
  expect(typesOf(events)).toEqual(
    expect.arrayContaining(['payment_intent.requires_action', 'invoice.payment_action_required']),
  )
})

function at(date: string) {
  return Date.parse(date) / 1000
}
