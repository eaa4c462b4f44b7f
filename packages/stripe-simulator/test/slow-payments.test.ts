import { expect, test } from 'vitest'
import { openAccount, subscriberIn } from './in-process.ts'
import { statusesOf, typesOf } from './subscriber.ts'

// Source: docs.stripe.com/billing/subscriptions/sepa-debit: a debit takes days, and the subscription stays active meanwhile.
test('a renewal by direct debit is open for days, and nothing has failed', async () => {
  const buyer = await subscriberIn(openAccount())
  buyer.simulator.setCard(buyer.customer, 'bank_debit')
  const events = buyer.until('2026-05-03T00:00:00Z')
  expect(typesOf(events)).toContain('payment_intent.processing')
  expect(typesOf(events)).not.toContain('invoice.payment_failed')
  expect(statusesOf(events)).toEqual(['updated active'])
  const [open] = await buyer.invoices()
  expect(open).toMatchObject({
    status: 'open',
    attempted: true,
    attempt_count: 1,
    next_payment_attempt: null,
  })
  const [intent] = (await buyer.stripe.paymentIntents.list()).data
  expect(intent?.status).toBe('processing')

  expect(typesOf(buyer.until('2026-05-07T00:00:00Z'))).toEqual(
    expect.arrayContaining(['charge.succeeded', 'invoice.paid']),
  )
  expect((await buyer.invoices())[0]).toMatchObject({ status: 'paid', attempt_count: 1, amount_paid: 1000 })
})

test('a debit that the bank refuses is a failed renewal, days after it began', async () => {
  const buyer = await subscriberIn(openAccount())
  buyer.simulator.setCard(buyer.customer, 'bank_debit_fails')
  buyer.simulator.setBilling({ retry_days: [3], debit_days: 5 })
  expect(statusesOf(buyer.until('2026-05-06T00:00:00Z'))).toEqual(['updated active'])
  const events = buyer.until('2026-05-07T00:00:00Z')
  expect(typesOf(events)).toEqual([
    'charge.failed',
    'payment_intent.payment_failed',
    'invoice.payment_failed',
    'customer.subscription.updated',
  ])
  expect(await buyer.read()).toMatchObject({ status: 'past_due' })
  expect((await buyer.invoices())[0]).toMatchObject({
    attempt_count: 1,
    next_payment_attempt: expect.any(Number),
  })
})

test('the bank can be made to answer at once', async () => {
  const buyer = await subscriberIn(openAccount())
  buyer.simulator.setCard(buyer.customer, 'bank_debit')
  buyer.until('2026-05-02T00:00:00Z')
  const [open] = await buyer.invoices()
  expect(buyer.simulator.settleDebit(String(open?.id), 'succeeded')).toMatchObject({ status: 'paid' })
  expect(() => buyer.simulator.settleDebit(String(open?.id), 'failed')).toThrow('not waiting for a bank')
  const before = buyer.simulator.events().length
  buyer.until('2026-05-10T00:00:00Z')
  expect(buyer.simulator.events()).toHaveLength(before)
})

// Source: the SDK's descriptions of `invoice.payment_action_required` and `Subscription.status` (past_due while it
// awaits additional user actions); docs.stripe.com/billing/subscriptions/overview#requires-action.
test('a renewal that the bank wants confirmed is open until the customer comes', async () => {
  const buyer = await subscriberIn(openAccount())
  buyer.simulator.setCard(buyer.customer, 'requires_action')
  expect(typesOf(buyer.until('2026-05-02T00:00:00Z'))).toContain('invoice.payment_action_required')
  const [open] = await buyer.invoices()
  expect(open).toMatchObject({ status: 'open', hosted_invoice_url: expect.any(String) })
  expect(await buyer.read()).toMatchObject({ status: 'past_due' })
  expect((await buyer.stripe.paymentIntents.list()).data[0]).toMatchObject({ status: 'requires_action' })

  buyer.simulator.confirmPayment(String(open?.id))
  expect((await buyer.invoices())[0]).toMatchObject({ status: 'paid' })
  expect(await buyer.read()).toMatchObject({ status: 'active' })
})
