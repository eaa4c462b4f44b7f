import type { InvoiceLine, Payment, Subscription, SubscriptionItem } from '@spawnpoint/contracts'
import { expect, test } from 'vitest'
import { order, payment, selling, server, subscription } from '../../../test/fixtures.ts'
import { applyLookup } from '../decisions/apply-lookup.ts'
import { applyPayment } from '../decisions/apply-payment.ts'
import { applyServer } from '../decisions/apply-server.ts'
import { applySubscription } from '../decisions/apply-subscription.ts'
import { reevaluateOrder } from '../decisions/reevaluate-order.ts'
import type { Decision, Rules } from '../order/decision.ts'
import type { Order } from '../order/order.ts'
import type { Policy } from '../order/policy.ts'

// Add-ons of another interval than the plan's, which its Price alone identifies.

const day = 86_400_000
const t0 = Date.parse('2026-11-01T00:00:00.000Z')
const iso = (days: number) => new Date(t0 + days * day).toISOString()
const at = (rules: Rules, days: number): Rules => ({ ...rules, now: new Date(t0 + days * day) })

function shop(policy: Partial<Policy> = {}, listed: string[] = []): Rules {
  const rules = selling({ small: 999, large: 1_999, yearly: 9_990 }, { policy, now: new Date(t0) })
  for (const [id, plan] of rules.catalogue.plans)
    rules.catalogue.plans.set(id, {
      ...plan,
      interval: id === 'yearly' ? 'year' : 'month',
      ...(id === 'small' ? { stripe_prices: listed } : {}),
    })
  return rules
}

const line = (changes: Partial<InvoiceLine> = {}): InvoiceLine => ({
  ...{ item: 'si_1', price: 'price_small', plan: null, amount: 999, quantity: 1, proration: false },
  ...{ start: iso(0), end: iso(30) },
  ...changes,
})
const item = (changes: Partial<SubscriptionItem> = {}): SubscriptionItem => ({
  ...{ item: 'si_1', price: 'price_small', plan: 'small', quantity: 1, amount: 999, currency: 'eur' },
  ...{ interval: 'month', interval_count: 1, current_period_end: iso(30) },
  ...changes,
})
const of = { subscription_id: 'sub_1', order_id: 'o-1' }
const first = (changes: Partial<Payment> = {}) =>
  payment({ ...of, payment_id: 'sub_1', lines: [line()], paid_from: iso(0), paid_until: iso(30), ...changes })
const renewal = (changes: Partial<Payment> = {}) =>
  payment({
    ...{ ...of, payment_id: 'in_2', kind: 'renewal', lines: [line({ start: iso(30), end: iso(60) })] },
    ...{ paid_from: iso(30), paid_until: iso(60) },
    ...changes,
  })
const sub = (changes: Partial<Subscription> = {}) =>
  subscription({
    ...{ items: [item()], current_period_end: iso(30), paid_from: iso(0), paid_until: iso(30) },
    ...changes,
  })

function done(decision: Decision): Order {
  if (decision.kind !== 'apply') throw new Error(`ignored: ${decision.reason}`)
  return decision.order
}
type Fact = Payment | Subscription
const receive = (rules: Rules, before: Order, fact: Fact): Order => {
  const decision =
    'payment_id' in fact ? applyPayment(before, fact, rules) : applySubscription(before, fact, rules)
  return decision.kind === 'apply' ? decision.order : before
}
function bought(rules: Rules, ...facts: Fact[]): Order {
  const paid = done(applyPayment(order(), first(), rules))
  const served = done(applyServer(paid, server(), rules))
  return facts.reduce((before, fact) => receive(rules, before, fact), served)
}
/** The clock comes, and Stripe reports this when it is asked. */
function asked(rules: Rules, before: Order, subscription: Subscription | null, payments: Payment[] = []) {
  return done(reevaluateOrder(before, applyLookup(before, { subscription, payments }, rules), { rules }))
}
const found = ({ money }: Order) => (money.findings ?? []).map(({ kind }) => kind)

const told = (one: Order) => found(one).length > 0
/** Looks at Stripe every six hours until then; the orders on the way. */
function days(
  rules: Rules,
  before: Order,
  [from, to]: [number, number],
  state: Subscription | null,
  all: Payment[],
) {
  let now = before
  const seen: { day: number; desired: string; told: boolean; warned: boolean }[] = []
  for (let at6 = from; at6 <= to; at6 += 0.25) {
    now = asked(at(rules, at6), now, state, all)
    seen.push({ day: at6, desired: now.desired, told: told(now), warned: now.warning !== null })
  }
  return { now, seen, firstOf: (what: string) => seen.find(({ desired }) => desired === what)?.day ?? null }
}

test('a weekly add-on is not paid, the month of the plan (known by stripe_prices alone) is: runs', () => {
  const rules = shop({}, ['price_small'])
  const items = [
    item({ plan: null }),
    item({
      item: 'si_add',
      price: 'price_add',
      plan: null,
      amount: 100,
      interval: 'week',
      current_period_end: iso(21),
    }),
  ]
  const bothLines = first({
    paid: { amount: 1_099, currency: 'eur' },
    collected: 1_099,
    lines: [line(), line({ item: 'si_add', price: 'price_add', amount: 100, end: iso(7) })],
    paid_until: iso(7),
  })
  const week = (n: number, c: Partial<Payment> = {}) =>
    renewal({
      payment_id: `in_w${n}`,
      paid: { amount: 100, currency: 'eur' },
      paid_from: iso(7 * n),
      paid_until: iso(7 * n + 7),
      lines: [
        line({ item: 'si_add', price: 'price_add', amount: 100, start: iso(7 * n), end: iso(7 * n + 7) }),
      ],
      ...c,
    })
  // The gateway knows no catalogue: it takes the line that begins last.
  const state = sub({
    version: 2,
    status: 'past_due',
    plan: 'small',
    items,
    current_period_end: iso(30),
    paid_from: iso(7),
    paid_until: iso(14),
  })
  const failed = week(2, {
    status: 'failed',
    invoice_status: 'open',
    attempts: 1,
    failure: 'The money could not be collected; Stripe tries again.',
    paid_until: null,
    paid_from: null,
  })
  const served = done(applyServer(done(applyPayment(order(), bothLines, rules)), server(), rules))
  const before = [sub({ items, paid_until: iso(7) }), week(1), state, failed].reduce(
    (o, f) => receive(at(rules, 14), o, f as Fact),
    served,
  )
  const { firstOf } = days(rules, before, [14.25, 29.75], state, [bothLines, week(1), failed])
  expect({ suspended: firstOf('suspended'), terminated: firstOf('terminated') }).toEqual({
    suspended: null,
    terminated: null,
  })
})

test('a yearly add-on beside a monthly plan known by stripe_prices alone: the failed renewal of the plan is late, or told', () => {
  const rules = shop({}, ['price_small'])
  const items = [
    item({ plan: null, current_period_end: iso(60) }),
    item({
      item: 'si_add',
      price: 'price_add',
      plan: null,
      amount: 1_200,
      interval: 'year',
      current_period_end: iso(375),
    }),
  ]
  const addOn = payment({
    ...of,
    payment_id: 'in_add',
    kind: 'change',
    paid: { amount: 1_200, currency: 'eur' },
    paid_from: iso(10),
    paid_until: iso(375),
    lines: [line({ item: 'si_add', price: 'price_add', amount: 1_200, start: iso(10), end: iso(375) })],
  })
  const state = sub({
    version: 3,
    status: 'past_due',
    items,
    current_period_end: iso(375),
    paid_from: iso(10),
    paid_until: iso(375),
  })
  const failed = renewal({
    status: 'failed',
    invoice_status: 'open',
    attempts: 1,
    failure: 'The money could not be collected; Stripe tries again.',
    paid_until: null,
    paid_from: null,
  })
  const { firstOf, seen } = days(
    rules,
    bought(rules, sub({ items: items.slice(0, 1) }), state, addOn, failed),
    [30.25, 60],
    state,
    [first(), addOn, failed],
  )
  expect({ suspended: firstOf('suspended'), told: seen.some((s) => s.told) }).not.toEqual({
    suspended: null,
    told: false,
  })
})
