import { forgottenCustomer } from '@spawnpoint/contracts'
import { describe, expect, test } from 'vitest'
import { applyPaymentUpdate } from './payment.ts'
import type { PaymentUpdate, StoredPayment } from './stored-payment.ts'

const update = (status: StoredPayment['status']): PaymentUpdate => ({
  payment_id: 'cs_1',
  status,
  kind: 'first',
  livemode: false,
  order_id: 'order-1',
  paid: { amount: 1000, currency: 'eur' },
  discount: 0,
  tax: 0,
  shipping: 0,
  nothing_owed: false,
  payment_intent_id: 'pi_1',
  subscription_id: null,
  stripe_customer_id: null,
  customer_email: 'sam@example.com',
  customer_name: 'Sam',
  plan: null,
  region: null,
  server_name: null,
  failure: null,
  checkout_session_id: 'cs_1',
  paid_until: null,
  attempts: 0,
  next_attempt_at: null,
  refunded: 0,
  refund_pending: 0,
  dispute: null,
  disputed: null,
  fraud_warning: null,
  charge_id: null,
  charged_by: ['pi_1'],
  invoice_id: null,
  period_end: null,
  ...{ paid_from: null, collected: null, lines: null, trial_end: null, details_at: null },
  ...{ invoice_status: null, due_at: null, amount_remaining: null, invoice_url: null },
  ...{ action_required: false, processing: false, returned: false, disputed_at: null, dispute_reason: null },
  ...{ returned_amount: null, paid_at: null, unclear: null },
})

const payment = (status: StoredPayment['status'], version = 3): StoredPayment => ({
  ...update(status),
  version,
})

describe('The first event of a payment', () => {
  test.each([
    ['pending', 'payment.pending'],
    ['succeeded', 'payment.succeeded'],
    ['failed', 'payment.failed'],
    ['expired', 'payment.failed'],
  ] as const)('%s is version 1 and publishes %s', (status, event) => {
    expect(applyPaymentUpdate(null, update(status))).toEqual({
      payment: payment(status, 1),
      event: { type: event, cause: `cs_1/${status}` },
    })
  })
})

describe('Later event', () => {
  test.each([
    ['pending', 'succeeded', 'payment.succeeded'],
    ['pending', 'failed', 'payment.failed'],
    ['pending', 'expired', 'payment.failed'],
    ['failed', 'succeeded', 'payment.succeeded'],
    ['expired', 'succeeded', 'payment.succeeded'],
  ] as const)('%s becomes %s and publishes %s', (before, after, event) => {
    expect(applyPaymentUpdate(payment(before), update(after))).toEqual({
      payment: payment(after, 4),
      event: { type: event, cause: `cs_1/${after}` },
    })
  })

  test.each([
    ['succeeded', 'expired', 'already_succeeded'],
    ['succeeded', 'failed', 'already_succeeded'],
    ['succeeded', 'pending', 'already_succeeded'],
    ['failed', 'pending', 'already_over'],
    ['failed', 'expired', 'already_over'],
    ['expired', 'failed', 'already_over'],
    ['succeeded', 'succeeded', 'same_status'],
    ['pending', 'pending', 'same_status'],
  ] as const)('%s is not changed by %s: %s', (before, after, ignored) => {
    expect(applyPaymentUpdate(payment(before), update(after))).toEqual({ ignored })
  })
})

test.each([
  ['one names the plan', null, 'small'],
  ['both name one', 'large', 'small'],
])('of two line lists of one length the same is kept, whichever came first: %s', (_, one, other) => {
  const line = {
    item: 'si_1',
    price: 'price_1',
    amount: 999,
    quantity: 1,
    proration: false,
    start: null,
    end: null,
  }
  const [a, b] = [one, other].map((plan) => ({ ...update('succeeded'), lines: [{ ...line, plan }] }))
  if (!a || !b) throw new Error('Two updates')
  const kept = [
    [a, b],
    [b, a],
  ].map(([first = a, second = b]) => {
    const applied = applyPaymentUpdate({ ...first, version: 1 }, second)
    return 'payment' in applied ? applied.payment.lines : first.lines
  })
  expect(kept[0]).toEqual(kept[1])
  expect(kept[0]?.[0]?.plan).toBe('small')
})

test('the invoice of a first period that its session told of before is newer and not published once more', () => {
  const bySession = { ...update('succeeded'), lines: null, version: 1 }
  const read = applyPaymentUpdate(bySession, { ...update('succeeded'), lines: [] })
  expect(read).toMatchObject({ payment: { version: 2, lines: [] }, event: null })
  if ('payment' in read)
    expect(applyPaymentUpdate(read.payment, bySession)).toEqual({ ignored: 'same_status' })
})

test('the customer of a forgotten payment stays forgotten, whatever Stripe lists or sends of it', () => {
  const first = applyPaymentUpdate(null, update('pending'))
  if ('ignored' in first) throw new Error('It is new')
  const forgotten = { customer_email: forgottenCustomer.email, customer_name: null, server_name: null }
  const stored = { ...first.payment, ...forgotten }
  expect(applyPaymentUpdate(stored, update('pending'))).toEqual({ ignored: 'same_status' })
  expect(applyPaymentUpdate(stored, update('succeeded'))).toMatchObject({
    payment: { status: 'succeeded', ...forgotten },
  })
})
