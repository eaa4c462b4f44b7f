import type { InvoiceLine, Payment, Subscription } from '@spawnpoint/contracts'
import { describe, expect, test } from 'vitest'
import { order, payment, selling, server, subscription } from '../../../test/fixtures.ts'
import { applyPayment } from '../decisions/apply-payment.ts'
import { applyServer } from '../decisions/apply-server.ts'
import { applySubscription } from '../decisions/apply-subscription.ts'
import { reevaluateOrder } from '../decisions/reevaluate-order.ts'
import type { Decision, Rules } from '../order/decision.ts'
import type { Order } from '../order/order.ts'
import type { Policy } from '../order/policy.ts'
import { evaluateBilling } from './evaluate-billing.ts'

const start = '2026-11-20T00:00:00.000Z'
const middle = '2026-12-20T00:00:00.000Z'
const end = '2027-01-20T00:00:00.000Z'
const now = new Date('2026-12-21T00:00:00.000Z')

function shop(policy: Partial<Policy> = {}, stripe_prices: string[] = []): Rules {
  const rules = selling({ small: 999, large: 1_999 }, { policy, now })
  const small = rules.catalogue.plans.get('small')
  if (small) rules.catalogue.plans.set('small', { ...small, interval: 'month', stripe_prices })
  return rules
}

const line = (changes: Partial<InvoiceLine> = {}): InvoiceLine => ({
  ...{ item: 'si_1', price: 'price_1', plan: null, amount: 999, quantity: 1, proration: false },
  ...{ start, end: middle },
  ...changes,
})
const of = { payment_id: 'sub_1', subscription_id: 'sub_1', order_id: 'o-1' }
const first = payment({ ...of, paid_from: start, paid_until: middle, lines: [line()] })

function renewal(changes: Partial<InvoiceLine>, more: Partial<Payment> = {}): Payment {
  const lines = [line({ start: middle, end, ...changes })]
  const period = { paid_from: middle, paid_until: end }
  return payment({ ...of, payment_id: 'in_2', kind: 'renewal', lines, ...period, ...more })
}

function item(changes: Partial<NonNullable<Subscription['items']>[number]> = {}) {
  const price = { price: 'price_1', plan: null, amount: 999, currency: 'eur' }
  return {
    ...{ item: 'si_1', ...price, quantity: 1, interval: 'month', interval_count: 1, current_period_end: end },
    ...changes,
  }
}

function running(rules: Rules, ...facts: (Payment | Subscription)[]): Order {
  const paid = after(applyPayment(order(), first, rules))
  const served = after(applyServer(paid, server(), rules))
  return facts.reduce<Order>(
    (before, fact) =>
      'payment_id' in fact
        ? after(applyPayment(before, fact, rules))
        : after(applySubscription(before, fact, rules)),
    served,
  )
}

const found = ({ money }: Order) => (money.findings ?? []).map(({ kind }) => kind)

describe('An underpaid renewal', () => {
  const rules = shop()

  test.each<[string, Payment, string[]]>([
    ['the price', renewal({}), []],
    ['more than the price', renewal({ amount: 1_200 }), []],
    ['less', renewal({ amount: 50 }), ['underpaid']],
    ['the price less a discount', renewal({}, { paid: { amount: 499, currency: 'eur' }, discount: 500 }), []],
    ['the price out of the balance', renewal({}, { collected: 0 }), []],
    ['another currency', renewal({}, { paid: { amount: 999, currency: 'usd' } }), ['plan_price_mismatch']],
    [
      'two tiers that make the price',
      renewal({}, { lines: [500, 499].map((amount) => line({ start: middle, end, amount })) }),
      [],
    ],
  ])('that charges %s', (_, paid, kinds) => {
    expect(found(running(rules, paid))).toEqual(kinds)
  })

  test('is reported in words, and gone with the next one that is whole', () => {
    const cheap = running(rules, renewal({ amount: 50 }))
    expect(cheap).toMatchObject({
      desired: 'running',
      money: {
        findings: [
          { about: 'in_2', finding: 'Renewal in_2 charges 0.50 EUR for the plan, which costs 9.99 EUR.' },
        ],
      },
    })
    const later = { start: end, end: '2027-02-20T00:00:00.000Z' }
    const whole = renewal(later, { payment_id: 'in_3', paid_from: end, paid_until: later.end })
    expect(found(after(applyPayment(cheap, whole, rules)))).toEqual([])
  })

  test('is none by a Price that the seller lists under the plan', () => {
    expect(found(running(shop({}, ['price_1']), renewal({ amount: 50 })))).toEqual([])
  })

  test('suspends after the grace where the plan says so, once it was looked up at Stripe', () => {
    const strict = { ...shop({ underpaid: 'suspend' }), now: new Date('2026-12-24T00:00:00.000Z') }
    const cheap = running(strict, renewal({ amount: 50 }))
    expect(cheap).toMatchObject({ desired: 'running', money_due_at: strict.now.toISOString() })
    const asked = { ...cheap, money: { ...cheap.money, asked_at: strict.now.toISOString() } }
    expect(reevaluateOrder(cheap, asked, { rules: strict }).order).toMatchObject({ desired: 'suspended' })
  })
})

describe('Another Price', () => {
  const rules = shop()
  const says = (changes: Parameters<typeof item>[0], more: Rules = rules) =>
    running(more, subscription({ current_period_end: middle, items: [item(changes)] }))

  test.each<[string, Parameters<typeof item>[0], string[]]>([
    ['of the same amount', {}, []],
    ['of no plan and half the amount', { amount: 50 }, ['plan_price_mismatch']],
    ['of no plan and twice the amount', { amount: 1_999 }, ['plan_price_mismatch']],
    ['that names the plan and costs less', { plan: 'Small ', amount: 50 }, ['plan_price_mismatch']],
    ['that names the plan and costs more', { plan: 'small', amount: 1_200 }, []],
    ['of a plan that nobody sells', { plan: 'huge', amount: 999 }, ['plan_price_mismatch']],
    ['by the year', { interval: 'year' }, ['plan_price_mismatch']],
  ])('%s', (_, changes, kinds) => {
    expect(found(says(changes))).toEqual(kinds)
  })

  test.each<[string, Partial<InvoiceLine>, string[]]>([
    ['as much', {}, []],
    ['less', { amount: 899 }, ['plan_price_mismatch']],
  ])('whose item does not say what it charges, and whose invoice charges %s', (_, changes, kinds) => {
    const several = subscription({ current_period_end: end, items: [item({ plan: 'small', amount: null })] })
    expect(found(running(rules, several, renewal(changes))).filter((kind) => kind !== 'underpaid')).toEqual(
      kinds,
    )
    const bySession = after(applyPayment(order(), { ...first, lines: null }, rules))
    expect(found(after(applySubscription(bySession, several, rules)))).toEqual([])
  })

  test('that is listed under another plan changes the plan', () => {
    const large = rules.catalogue.plans.get('large')
    if (large) rules.catalogue.plans.set('large', { ...large, stripe_prices: ['price_large'] })
    expect(says({ price: 'price_large', amount: 1_999 })).toMatchObject({ plan: 'large' })
  })
})

test('what is suspended by hand and paid for is found', () => {
  const paid = running(shop(), renewal({}), subscription({ current_period_end: end, items: [item()] }))
  const suspended = reevaluateOrder(paid, { ...paid, wanted: 'suspended' }, { rules: shop() }).order
  expect(found(suspended)).toEqual(['paid_and_suspended'])
})

test('a full refund ends the subscription too, once it was looked up at Stripe', () => {
  const rules = shop({ full_refund: 'suspend' })
  const refunded = running(rules, subscription({ current_period_end: middle, items: [item()] }), {
    ...first,
    version: 2,
    refunded: 999,
  })
  expect(refunded).toMatchObject({ billing_status: 'refunded', desired: 'running' })
  const asked_at = rules.now.toISOString()
  const asked = { ...refunded, money: { ...refunded.money, asked_at, confirmed: ['refunded' as const] } }
  const { order: suspended } = reevaluateOrder(refunded, asked, { rules })
  expect(suspended).toMatchObject({ desired: 'suspended', money_due_at: asked_at })
  const { policy } = rules.catalogue.plans.get('small') ?? {}
  if (!policy) throw new Error('The plan has a policy')
  expect(
    evaluateBilling({ ...suspended, checkout_session_id: 'cs_1' }, { policy, now: rules.now }),
  ).toMatchObject({
    endsSubscription: true,
  })
})

function after(decision: Decision): Order {
  if (decision.kind === 'ignored') throw new Error(`Ignored as ${decision.reason}`)
  return decision.order
}

test.each([
  ['0.50 and 3.00: told', [50, 300], ['plan_price_mismatch']],
  ['6.99 and 3.00: together the price', [699, 300], []],
])('none of several items names a plan, they cost %s', (_, amounts, kinds) => {
  const items = amounts.map((amount, n) => item({ item: `si_${n}`, price: `price_x${n}`, amount }))
  expect(found(running(shop(), subscription({ items, paid_from: start, paid_until: middle })))).toEqual(kinds)
})
