import type { Payment, Subscription } from '@spawnpoint/contracts'
import { describe, expect, test } from 'vitest'
import {
  asked,
  at,
  bought,
  days,
  first,
  iso,
  item,
  line,
  receive,
  shop,
  sub,
  told,
} from '../../../test/billing-story.ts'
import { payment } from '../../../test/fixtures.ts'
import type { Order } from '../order/order.ts'

const two = { subscription_id: 'sub_2', order_id: 'o-1' }
const second = (changes: Partial<Subscription> = {}) =>
  sub({
    ...two,
    version: 1,
    current_period_end: iso(60),
    paid_from: null,
    paid_until: null,
    items: [item({ item: 'si_2', current_period_end: iso(60) })],
    ...changes,
  })
const start = (changes: Partial<Payment> = {}) =>
  payment({
    ...two,
    payment_id: 'sub_2',
    lines: [line({ item: 'si_2', start: iso(30), end: iso(60) })],
    paid_from: iso(30),
    paid_until: iso(60),
    ...changes,
  })
const renewed = (n: number, changes: Partial<Payment> = {}) =>
  payment({
    ...two,
    payment_id: `in_2${n}`,
    kind: 'renewal',
    lines: [line({ item: 'si_2', start: iso(30 * n), end: iso(30 * n + 30) })],
    paid_from: iso(30 * n),
    paid_until: iso(30 * n + 30),
    ...changes,
  })
const over = sub({
  version: 3,
  status: 'canceled',
  ended_reason: 'cancellation_requested',
  ended_at: iso(20),
  current_period_end: iso(30),
})

/** sub_1 is cancelled on day 20 in favour of sub_2; what becomes of the server until day 50. */
function moved(rules: ReturnType<typeof shop>, facts: [number, Payment | Subscription][]) {
  let now: Order = receive(at(rules, 20), bought(at(rules, 1), sub({ version: 2 })), over)
  let day = 20
  let isGone = false
  for (const [on, fact] of [...facts, [50, null] as const]) {
    const seen = days(rules, now, [day, on], { ...over, version: 4 }, [first()])
    isGone ||= seen.firstOf('terminated') !== null
    now = seen.now
    if (fact) now = receive(at(rules, on), now, fact)
    day = on
  }
  return { now, isGone }
}

describe('A subscription is replaced by another one of the same order', () => {
  const rules = shop()
  test('control: for exactly 9.99 it goes on', () => {
    const { now, isGone } = moved(rules, [
      [20, second({ items: [item({ item: 'si_2', current_period_end: iso(50) })] })],
      [
        20,
        start({
          lines: [line({ item: 'si_2', start: iso(20), end: iso(50) })],
          paid_from: iso(20),
          paid_until: iso(50),
        }),
      ],
    ])
    expect({ isGone, desired: now.desired, subscription: now.subscription_id }).toEqual({
      isGone: false,
      desired: 'running',
      subscription: 'sub_2',
    })
  })
  test('D108 and the bank takes the last month of the former one back for good (an earlier period, within half a year): told', () => {
    const lost = first({
      version: 2,
      dispute: 'lost',
      disputed: { open: 0, lost: 999 },
      disputed_at: iso(25),
    })
    const s2 = second({
      current_period_end: iso(50),
      items: [item({ item: 'si_2', current_period_end: iso(50) })],
      paid_from: iso(20),
      paid_until: iso(50),
    })
    const p2 = start({
      lines: [line({ item: 'si_2', start: iso(20), end: iso(50) })],
      paid_from: iso(20),
      paid_until: iso(50),
    })
    const ended = receive(at(rules, 20), bought(at(rules, 1), sub({ version: 2 })), over)
    const next = receive(at(rules, 21), receive(at(rules, 21), ended, s2), p2)
    expect(next).toMatchObject({ desired: 'running', subscription_id: 'sub_2' })
    const later = asked(at(rules, 26), receive(at(rules, 25), next, lost), { ...s2, version: 2 }, [p2])
    expect((later.money.findings ?? []).map(({ about }) => about)).toContain('sub_1')
  })
  test('D113 the plan holds trials: a second subscription of the same order that begins with one is held or told', () => {
    const strict = shop({ trial: 'hold' })
    const trial = start({
      nothing_owed: true,
      paid: { amount: 0, currency: 'eur' },
      collected: 0,
      trial_end: iso(50),
      lines: [line({ item: 'si_2', amount: 0, start: iso(20), end: iso(50) })],
      paid_from: iso(20),
      paid_until: iso(50),
    })
    const s2 = second({
      status: 'trialing',
      trial_end: iso(50),
      current_period_end: iso(50),
      items: [item({ item: 'si_2', current_period_end: iso(50) })],
    })
    const over20 = receive(at(strict, 20), bought(at(strict, 1), sub({ version: 2 })), over)
    const now = receive(at(strict, 20), receive(at(strict, 20), over20, s2), trial)
    expect({ desired: now.desired, told: told(now) }).not.toEqual({ desired: 'running', told: false })
  })
  test('D106 billing_cycle_anchor at the end of what is paid, proration_behavior none: nothing is charged, then 9.99 by the month', () => {
    const free = start({
      nothing_owed: true,
      paid: { amount: 0, currency: 'eur' },
      collected: 0,
      lines: [],
      paid_from: null,
      paid_until: null,
    })
    const { now, isGone } = moved(rules, [
      [20, second()],
      [20, free],
      [30.1, renewed(1)],
    ])
    expect({ isGone, desired: now.desired }).toEqual({ isGone: false, desired: 'running' })
  })
  test('D107 at the raised price (12.99 instead of 9.99)', () => {
    const raised = shop()
    const small = raised.catalogue.plans.get('small')
    if (small) raised.catalogue.plans.set('small', { ...small, price: { amount: 1_299, currency: 'eur' } })
    const paid = start({
      paid: { amount: 1_299, currency: 'eur' },
      lines: [line({ item: 'si_2', amount: 1_299, start: iso(20), end: iso(50) })],
      paid_from: iso(20),
      paid_until: iso(50),
    })
    const { now, isGone } = moved(raised, [
      [20, second({ items: [item({ item: 'si_2', amount: 1_299, current_period_end: iso(50) })] })],
      [20, paid],
    ])
    expect({ isGone, desired: now.desired }).toEqual({ isGone: false, desired: 'running' })
  })
  test('D107b by the bigger plan (19.99), bought on a page of the seller with the same order_id', () => {
    const paid = start({
      plan: 'large',
      paid: { amount: 1_999, currency: 'eur' },
      lines: [
        line({
          item: 'si_2',
          price: 'price_large',
          plan: 'large',
          amount: 1_999,
          start: iso(20),
          end: iso(50),
        }),
      ],
      paid_from: iso(20),
      paid_until: iso(50),
    })
    const { now, isGone } = moved(rules, [
      [
        20,
        second({
          plan: 'large',
          items: [
            item({
              item: 'si_2',
              price: 'price_large',
              plan: 'large',
              amount: 1_999,
              current_period_end: iso(50),
            }),
          ],
        }),
      ],
      [20, paid],
    ])
    expect({ isGone, desired: now.desired }).toEqual({ isGone: false, desired: 'running' })
  })
  test('D107c with an add-on beside the plan (9.99 + 3.00)', () => {
    const paid = start({
      paid: { amount: 1_299, currency: 'eur' },
      lines: [
        line({ item: 'si_2', plan: 'small', start: iso(20), end: iso(50) }),
        line({ item: 'si_3', price: 'price_add', amount: 300, start: iso(20), end: iso(50) }),
      ],
      paid_from: iso(20),
      paid_until: iso(50),
    })
    const { now, isGone } = moved(rules, [
      [20, second()],
      [20, paid],
    ])
    expect({ isGone, desired: now.desired }).toEqual({ isGone: false, desired: 'running' })
  })
  test('D107d in another currency by a listed Price', () => {
    const listed = shop({}, ['price_usd'])
    const paid = start({
      paid: { amount: 1_099, currency: 'usd' },
      lines: [line({ item: 'si_2', price: 'price_usd', amount: 1_099, start: iso(20), end: iso(50) })],
      paid_from: iso(20),
      paid_until: iso(50),
    })
    const { now, isGone } = moved(listed, [
      [20, second()],
      [20, paid],
    ])
    expect({ isGone, desired: now.desired }).toEqual({ isGone: false, desired: 'running' })
  })
})
