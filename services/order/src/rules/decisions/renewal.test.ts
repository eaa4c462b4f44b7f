import type { Payment, Subscription } from '@spawnpoint/contracts'
import { expect, test } from 'vitest'
import { order, payment, selling, subscription } from '../../../test/fixtures.ts'
import { evaluateBilling } from '../billing/evaluate-billing.ts'
import { comparePayment } from '../discrepancies/find-discrepancies.ts'
import { type Order, orderState } from '../order/order.ts'
import { defaultPolicy } from '../order/policy.ts'
import { applyPayment } from './apply-payment.ts'
import { applySubscription } from './apply-subscription.ts'

const rules = selling({ small: 999 })
const later = '2026-12-23T12:00:00.000Z'
const first = paidBy('sub_1')
const renewed = paidBy('sub_2')
const inputs: (Payment | Subscription)[] = [
  subscription({ version: 2, status: 'canceled', ended_at: '2026-11-20T12:00:00.000Z' }),
  renewed,
  subscription({ subscription_id: 'sub_2', paid_until: later }),
]

test('an order is billed by its new subscription in whatever order the events of both arrive', () => {
  for (const order of orders(inputs)) {
    const after = order.reduce(apply, running())
    expect(after).toMatchObject({
      ...{ payment_id: 'sub_2', subscription_id: 'sub_2', billing_status: 'paid', desired: 'running' },
      money: { former_payments: ['sub_1'], subscription: { status: 'active' } },
    })
  }
})

test('what was paid until the subscription ended is not to go back', () => {
  const after = inputs.reduce(apply, running())
  const known = { ...orderState(after), server_version: 0, findings: [] }
  expect(comparePayment(first, 'o-1', known)).toEqual([])
  const twice = paidBy('sub_3')
  expect(comparePayment(twice, 'o-1', known)).toMatchObject([{ kind: 'paid_twice' }])
})

test('a subscription that Stripe has no longer gives way to one that is paid, and to none before', () => {
  const before = running()
  const lost = { ...before, money: { ...before.money, unknown_subscriptions: ['sub_1'] } }
  expect(apply(lost, subscription({ version: 3 }))).toMatchObject({ subscription_id: 'sub_1' })
  expect(apply(lost, renewed)).toMatchObject({ subscription_id: 'sub_2', payment_id: 'sub_2' })
  expect(apply(before, renewed)).toMatchObject({ subscription_id: 'sub_1', payment_id: 'sub_1' })
})

test('what the plan costs today is the price from the renewal on that pays it, and no renewal lowers it', () => {
  const ended = inputs.slice(0, 1).reduce(apply, running())
  const paying = (amount: number) =>
    applyPayment(ended, { ...renewed, paid: { amount, currency: 'eur' } }, selling({ small: 1_299 }))
  expect(paying(1_299)).toMatchObject({ order: { subscription_id: 'sub_2', price: { amount: 1_299 } } })
  expect(paying(1_199)).toMatchObject({ order: { subscription_id: 'sub_2', price: { amount: 999 } } })
})

test('a renewal that is paid after the server is gone is an alarm, and nothing runs for it', () => {
  const ended = inputs.slice(0, 1).reduce(apply, running())
  const gone: Order = { ...ended, wanted: 'terminated', desired: 'terminated' }
  expect(applyPayment(gone, renewed, rules)).toMatchObject({
    ...{ alarm: 'paid_after_end', order: { desired: 'terminated' } },
  })
})

test('while a page to renew on is open its server is not deleted, and no longer than a day for that', () => {
  const ended = [subscription({ version: 2, status: 'canceled', ended_at: '2026-11-01T12:00:00.000Z' })]
  const after = ended.reduce(apply, running())
  // Seven days after what it has paid for.
  const planned = '2026-12-30T12:00:00.000Z'
  const warning = { step: 'terminate', at: planned, reason: 'Its subscription is over.' } as const
  const delivery = { ...after.delivery, delivered: true }
  const suspended_at = '2026-11-01T12:00:00.000Z'
  const money = { ...after.money, asked_at: planned }
  const suspended = { ...after, delivery, warning, suspended_at, money }
  const at = (renewal_until: string | null, now: string) => {
    const money = renewal_until === null ? suspended.money : { ...suspended.money, renewal_until }
    return evaluateBilling({ ...suspended, money }, { policy: defaultPolicy, now: new Date(now) }).order
  }
  expect(at(null, planned).desired).toBe('terminated')
  expect(at('2026-12-30T13:00:00.000Z', planned)).toMatchObject({
    desired: 'suspended',
    warning: { step: 'terminate', at: '2026-12-30T13:00:00.000Z' },
  })
  expect(at('2027-02-01T00:00:00.000Z', planned)).toMatchObject({
    warning: { step: 'terminate', at: '2026-12-31T12:00:00.000Z' },
  })
})

function running(): Order {
  return [first, subscription()].reduce(apply, order())
}

function paidBy(subscription_id: string): Payment {
  return payment({ payment_id: subscription_id, subscription_id, order_id: 'o-1', paid_until: later })
}

function apply(before: Order, input: Payment | Subscription): Order {
  const decision =
    'payment_id' in input ? applyPayment(before, input, rules) : applySubscription(before, input, rules)
  return decision.kind === 'apply' ? decision.order : before
}

function orders<Input>(all: Input[]): Input[][] {
  if (all.length < 2) return [all]
  return all.flatMap((one) => orders(all.filter((other) => other !== one)).map((rest) => [one, ...rest]))
}
