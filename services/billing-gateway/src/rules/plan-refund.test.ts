import type { Payment } from '@spawnpoint/contracts'
import { expect, test } from 'vitest'
import { planRefund, type StripeRefund, splitRefund } from './plan-refund.ts'
import type { RefundRequest } from './refund-request.ts'

const payment: Payment = {
  payment_id: 'cs_1',
  version: 1,
  status: 'succeeded',
  kind: 'first',
  livemode: false,
  order_id: 'order-1',
  paid: { amount: 1_000, currency: 'eur' },
  discount: 0,
  tax: 0,
  shipping: 0,
  nothing_owed: false,
  payment_intent_id: 'pi_1',
  subscription_id: null,
  stripe_customer_id: null,
  customer_email: null,
  customer_name: null,
  plan: null,
  region: null,
  server_name: null,
  failure: null,
}
const request: RefundRequest = {
  id: 'request-1',
  orderId: 'order-1',
  paymentId: 'cs_1',
  amount: 1_000,
  currency: 'eur',
  reason: 'No place',
  status: 'sent',
  refundId: null,
  decidedBy: null,
  attempts: 1,
  keyRound: 0,
  nextAttemptAt: null,
  error: null,
  note: null,
  createdAt: new Date(0),
  sentAt: null,
}
const refund = (given: Partial<StripeRefund>): StripeRefund => ({
  id: 're_1',
  amount: 1_000,
  status: 'succeeded',
  metadata: {},
  ...given,
})
const ours = { metadata: { refund_request_id: 'request-1' } }

test.each([
  ['nothing stands', [], { do: 'create', amount: 1_000 }],
  ['part of it stands', [refund({ amount: 300 })], { do: 'create', amount: 700 }],
  ['part of it is on its way', [refund({ amount: 300, status: 'pending' })], { do: 'create', amount: 700 }],
  ['one failed', [refund({ status: 'failed' })], { do: 'create', amount: 1_000 }],
  ['our own failed', [refund({ status: 'failed', ...ours })], { do: 'create', amount: 1_000 }],
  ['one was called off', [refund({ status: 'canceled' })], { do: 'create', amount: 1_000 }],
  ['it stands by hand', [refund({})], { do: 'nothing', refundId: 're_1' }],
  [
    'ours stands',
    [refund({ id: 're_2', amount: 1, ...ours }), refund({ amount: 9 })],
    { do: 'nothing', refundId: 're_2' },
  ],
  ['ours is on its way', [refund({ status: 'pending', ...ours })], { do: 'nothing', refundId: 're_1' }],
])('when %s', (_, refunds, plan) => {
  expect(planRefund(request, payment, refunds)).toMatchObject(plan)
})

test('less is asked for than is left', () => {
  expect(planRefund({ ...request, amount: 200 }, payment, [refund({ amount: 300 })])).toEqual({
    do: 'create',
    amount: 200,
  })
})

test.each([
  ['money that never came', { status: 'failed' }, 'nothing came in'],
  ['another currency', { paid: { amount: 1_000, currency: 'usd' } }, 'usd'],
  ['money that the bank has taken back', { dispute: 'open' }, 'dispute is open'],
  ['money that the bank keeps', { dispute: 'lost' }, 'dispute is lost'],
] as const)('%s cannot be refunded', (_, change, why) => {
  expect(planRefund(request, { ...payment, ...change }, [])).toMatchObject({
    do: 'fail',
    why: expect.stringContaining(why),
  })
})

test.each(['inquiry', 'won'] as const)('a dispute that is %s does not prevent a refund', (dispute) => {
  expect(planRefund(request, { ...payment, dispute }, [])).toEqual({ do: 'create', amount: 1_000 })
})

test('of a debit that the bank returned in part the rest is refunded, of all of it nothing', () => {
  const returned = (returned_amount: number | null) => ({ ...payment, returned: true, returned_amount })
  expect(planRefund(request, returned(400), [])).toEqual({ do: 'create', amount: 600 })
  expect(planRefund(request, returned(400), [refund({ amount: 600 })])).toMatchObject({ do: 'nothing' })
  for (const all of [1_000, null])
    expect(planRefund(request, returned(all), [])).toMatchObject({ do: 'fail' })
})

test('where nothing was charged nothing is refunded', () => {
  const free = { ...payment, paid: { amount: 0, currency: 'eur' } }
  expect(planRefund(request, free, [])).toMatchObject({ do: 'nothing', refundId: null })
})

test('what several payments paid goes back to each of them, and an attempt that got half way is completed', () => {
  const ours = { metadata: { refund_request_id: 'request-1' } }
  const whole = [
    { amount: 400, refunds: [] },
    { amount: 600, refunds: [] },
  ]
  expect(planRefund(request, payment, [], { isSplit: true })).toEqual({ do: 'create', amount: 1_000 })
  expect(splitRefund(1_000, whole, request)).toEqual([400, 600])
  expect(splitRefund(500, whole, request)).toEqual([400, 100])

  const first = refund({ amount: 400, ...ours })
  const half = [
    { amount: 400, refunds: [first] },
    { amount: 600, refunds: [] },
  ]
  expect(planRefund(request, payment, [first], { isSplit: true })).toEqual({ do: 'create', amount: 600 })
  expect(splitRefund(600, half, request)).toEqual([0, 600])
  const both = [first, refund({ id: 're_2', amount: 600, ...ours })]
  expect(planRefund(request, payment, both, { isSplit: true })).toMatchObject({
    do: 'nothing',
    refundId: 're_1',
  })
})

test('one payment that paid all gets all that is planned', () => {
  expect(splitRefund(700, [{ amount: null, refunds: [refund({ amount: 300 })] }], request)).toEqual([700])
})
