import type { InvoiceLine, Payment, Subscription, SubscriptionItem } from '@spawnpoint/contracts'
import { applyLookup } from '../src/rules/decisions/apply-lookup.ts'
import { applyPayment } from '../src/rules/decisions/apply-payment.ts'
import { applyServer } from '../src/rules/decisions/apply-server.ts'
import { applySubscription } from '../src/rules/decisions/apply-subscription.ts'
import { reevaluateOrder } from '../src/rules/decisions/reevaluate-order.ts'
import type { Decision, Rules } from '../src/rules/order/decision.ts'
import type { Order } from '../src/rules/order/order.ts'
import type { Policy } from '../src/rules/order/policy.ts'
import { order, payment, selling, server, subscription } from './fixtures.ts'

// A subscription that begins on day 0 and is paid by the month, for tests of the rules alone.

const day = 86_400_000
const t0 = Date.parse('2026-11-01T00:00:00.000Z')
export const iso = (days: number) => new Date(t0 + days * day).toISOString()
export const at = (rules: Rules, days: number): Rules => ({ ...rules, now: new Date(t0 + days * day) })

export function shop(policy: Partial<Policy> = {}, listed: string[] = []): Rules {
  const rules = selling({ small: 999, large: 1_999, yearly: 9_990 }, { policy, now: new Date(t0) })
  for (const [id, plan] of rules.catalogue.plans)
    rules.catalogue.plans.set(id, {
      ...plan,
      interval: id === 'yearly' ? 'year' : 'month',
      ...(id === 'small' ? { stripe_prices: listed } : {}),
    })
  return rules
}

export const line = (changes: Partial<InvoiceLine> = {}): InvoiceLine => ({
  ...{ item: 'si_1', price: 'price_small', plan: null, amount: 999, quantity: 1, proration: false },
  ...{ start: iso(0), end: iso(30) },
  ...changes,
})
export const item = (changes: Partial<SubscriptionItem> = {}): SubscriptionItem => ({
  ...{ item: 'si_1', price: 'price_small', plan: 'small', quantity: 1, amount: 999, currency: 'eur' },
  ...{ interval: 'month', interval_count: 1, current_period_end: iso(30) },
  ...changes,
})
export const of = { subscription_id: 'sub_1', order_id: 'o-1' }
export const first = (changes: Partial<Payment> = {}) =>
  payment({ ...of, payment_id: 'sub_1', lines: [line()], paid_from: iso(0), paid_until: iso(30), ...changes })
export const renewal = (changes: Partial<Payment> = {}) =>
  payment({
    ...{ ...of, payment_id: 'in_2', kind: 'renewal', lines: [line({ start: iso(30), end: iso(60) })] },
    ...{ paid_from: iso(30), paid_until: iso(60) },
    ...changes,
  })
export const sub = (changes: Partial<Subscription> = {}) =>
  subscription({
    ...{ items: [item()], current_period_end: iso(30), paid_from: iso(0), paid_until: iso(30) },
    ...changes,
  })

export function done(decision: Decision): Order {
  if (decision.kind !== 'apply') throw new Error(`ignored: ${decision.reason}`)
  return decision.order
}
export type Fact = Payment | Subscription
export const receive = (rules: Rules, before: Order, fact: Fact): Order => {
  const decision =
    'payment_id' in fact ? applyPayment(before, fact, rules) : applySubscription(before, fact, rules)
  return decision.kind === 'apply' ? decision.order : before
}
export function bought(rules: Rules, ...facts: Fact[]): Order {
  const paid = done(applyPayment(order(), first(), rules))
  const served = done(applyServer(paid, server(), rules))
  return facts.reduce((before, fact) => receive(rules, before, fact), served)
}
/** The clock comes, and Stripe reports this when it is asked. */
export function asked(
  rules: Rules,
  before: Order,
  subscription: Subscription | null,
  payments: Payment[] = [],
  pending_prices: string[] = [],
) {
  const answer = { subscription, payments, pending_prices }
  return done(reevaluateOrder(before, applyLookup(before, answer, rules), { rules }))
}
export const found = ({ money }: Order) => (money.findings ?? []).map(({ kind }) => kind)

export const told = (one: Order) => found(one).length > 0

/** Looks at Stripe every six hours until then; the orders on the way. */
export function days(
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
