import type { Payment } from '@spawnpoint/contracts'
import { expect, test } from 'vitest'
import {
  at,
  bought,
  days,
  done,
  type Fact,
  first,
  iso,
  item,
  line,
  of,
  receive,
  renewal,
  shop,
  sub,
} from '../../../test/billing-story.ts'
import { order, payment, server } from '../../../test/fixtures.ts'
import { applyPayment } from '../decisions/apply-payment.ts'
import { applyServer } from '../decisions/apply-server.ts'

// Add-ons of another interval than the plan's, which its Price alone identifies.

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
