import { expect, test } from 'vitest'
import { allEvents, day, midPeriod, pricesOf, typesOf } from './subscriber.ts'

const pending = { proration_behavior: 'always_invoice', payment_behavior: 'pending_if_incomplete' } as const

test('a change may wait for its money: it is applied when paid', async () => {
  await using buyer = await midPeriod(900)
  buyer.simulator.setCard(buyer.customer, 'declined')
  const waiting = await buyer.changeTo(3000, pending)
  expect(waiting).toMatchObject({
    status: 'active',
    pending_update: { subscription_items: [{ price: { unit_amount: 3000 } }] },
  })
  expect(pricesOf(waiting)).toEqual([900])

  buyer.simulator.setCard(buyer.customer, 'works')
  await buyer.stripe.invoices.pay(String(waiting.latest_invoice))
  const applied = await buyer.stripe.subscriptions.retrieve(buyer.id)
  expect(applied.pending_update).toBeNull()
  expect(pricesOf(applied)).toEqual([3000])
  expect(typesOf(await allEvents(buyer.stripe))).toContain('customer.subscription.pending_update_applied')
})

test('a change whose card works does not wait', async () => {
  await using buyer = await midPeriod(900)
  const changed = await buyer.changeTo(3000, pending)
  expect(changed.pending_update).toBeNull()
  expect(pricesOf(changed)).toEqual([3000])
})

test('a change that is paid after a renewal keeps the renewed period', async () => {
  await using buyer = await midPeriod(900)
  await buyer.simulator.moveClock({ to: '2026-04-30T22:00:00Z' })
  buyer.simulator.setCard(buyer.customer, 'declined')
  const waiting = await buyer.changeTo(300_000, pending)
  buyer.simulator.setCard(buyer.customer, 'works')
  await buyer.simulator.moveClock({ to: '2026-05-01T00:30:00Z' })
  await buyer.stripe.invoices.pay(String(waiting.latest_invoice))
  await buyer.simulator.moveClock({ advance_seconds: day })
  expect((await buyer.stripe.subscriptions.retrieve(buyer.id)).items.data[0]?.current_period_start).toBe(
    Date.parse('2026-05-01T00:00:00Z') / 1000,
  )
  expect((await buyer.stripe.invoices.list({ subscription: buyer.id })).data).toHaveLength(3)
})

test('a change that nobody pays for is forgotten after 23 hours, and its invoice void', async () => {
  await using buyer = await midPeriod(900)
  buyer.simulator.setCard(buyer.customer, 'declined')
  const waiting = await buyer.changeTo(3000, pending)
  const { events } = await buyer.simulator.moveClock({ advance_seconds: day })
  expect(typesOf(events)).toEqual([
    'customer.subscription.updated',
    'customer.subscription.pending_update_expired',
    'payment_intent.canceled',
    'invoice.voided',
  ])
  expect((await buyer.stripe.invoices.retrieve(String(waiting.latest_invoice))).status).toBe('void')
  const after = await buyer.stripe.subscriptions.retrieve(buyer.id)
  expect(after.status).toBe('active')
  expect(pricesOf(after)).toEqual([900])
})

test('a change that waits is forgotten once its invoice is voided, or another change is made', async () => {
  await using buyer = await midPeriod(900)
  buyer.simulator.setCard(buyer.customer, 'declined')
  const first = await buyer.changeTo(3000, pending)
  await buyer.stripe.invoices.voidInvoice(String(first.latest_invoice))
  expect(await buyer.stripe.subscriptions.retrieve(buyer.id)).toMatchObject({ pending_update: null })

  const second = await buyer.changeTo(3000, pending)
  const third = await buyer.changeTo(1800, { ...pending, payment_behavior: 'allow_incomplete' })
  expect(third.pending_update).toBeNull()
  expect(pricesOf(third)).toEqual([1800])
  expect((await buyer.stripe.invoices.retrieve(String(second.latest_invoice))).status).toBe('void')
  await buyer.simulator.moveClock({ advance_seconds: day })
  expect((await buyer.stripe.invoices.retrieve(String(third.latest_invoice))).status).toBe('open')
})

test('a change that must be paid at once is refused and nothing has happened', async () => {
  await using buyer = await midPeriod(900)
  buyer.simulator.setCard(buyer.customer, 'declined')
  const before = await buyer.stripe.subscriptions.retrieve(buyer.id)
  await expect(
    buyer.changeTo(3000, { ...pending, payment_behavior: 'error_if_incomplete' }),
  ).rejects.toMatchObject({ type: 'StripeCardError', statusCode: 402, decline_code: 'generic_decline' })
  expect(await buyer.stripe.subscriptions.retrieve(buyer.id)).toEqual(before)
})

test.each(['allow_incomplete', 'default_incomplete'] as const)(
  'with %s a change that is owed is made all the same, and the subscription is past due',
  async (payment_behavior) => {
    await using buyer = await midPeriod(900)
    buyer.simulator.setCard(buyer.customer, 'declined')
    const updated = await buyer.changeTo(3000, { ...pending, payment_behavior, expand: ['latest_invoice'] })
    expect(updated).toMatchObject({
      status: 'past_due',
      latest_invoice: { status: 'open', attempted: payment_behavior === 'allow_incomplete' },
    })
    expect(pricesOf(updated)).toEqual([3000])
  },
)
