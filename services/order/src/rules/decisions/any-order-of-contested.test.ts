import type { Payment } from '@spawnpoint/contracts'
import { describe, expect, test } from 'vitest'
import {
  asked,
  at,
  bought,
  type Fact,
  first,
  found,
  iso,
  item,
  line,
  of,
  renewal,
  shop,
  sub,
} from '../../../test/billing-story.ts'
import { payment } from '../../../test/fixtures.ts'
import type { Order } from '../order/order.ts'

// Whatever arrives first, what banks and sellers take back results in one state.

function perms<T>(items: T[]): T[][] {
  if (items.length < 2) return [items]
  return items.flatMap((one, i) =>
    perms([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [one, ...rest]),
  )
}
const state = ({
  money,
  desired,
  paid_until,
  plan,
  price,
  billing_status,
  payment_id,
  subscription_id,
  wanted,
  next_plan,
}: Order) => {
  const { asked_at: _, ...rest } = money
  const sorted = (_: string, value: unknown) =>
    value && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value
  return JSON.stringify(
    {
      rest,
      desired,
      paid_until,
      plan,
      price,
      billing_status,
      payment_id,
      subscription_id,
      wanted,
      next_plan,
    },
    sorted,
  )
}
const large = item({ plan: 'large', price: 'price_large', amount: 1_999 })
const up = (c: Partial<Payment> = {}) =>
  payment({
    ...of,
    payment_id: 'in_up',
    kind: 'change',
    paid: { amount: 900, currency: 'eur' },
    collected: 900,
    paid_until: null,
    lines: [
      line({ proration: true, amount: -900, start: iso(3) }),
      line({ price: 'price_large', plan: null, proration: true, amount: 1_800, start: iso(3) }),
    ],
    ...c,
  })
const byHand = payment({ ...of, payment_id: 'in_hand', kind: 'change', lines: [], paid_until: null })
const two = item({ item: 'si_add', price: 'price_add', plan: null, amount: 300, interval: 'month' })
const stories: Record<string, Fact[]> = {
  'upgrade, dispute of it, refund of the first': [
    up(),
    up({ version: 2, dispute: 'lost', disputed: { open: 0, lost: 900 }, disputed_at: iso(6) }),
    sub({ version: 2, plan: 'large', items: [large] }),
    sub({ version: 1 }),
    first({ version: 2, refunded: 999 }),
  ],
  'refunded, replaced by hand, renewed, debit returned': [
    first({ version: 2, refunded: 999 }),
    byHand,
    renewal(),
    renewal({ version: 2, returned: true, disputed_at: iso(35) }),
    sub({ version: 2, paid_from: iso(30), paid_until: iso(60) }),
    sub({ version: 3 }),
  ],
  'add-on prorated, removed, renewed with it': [
    payment({
      ...of,
      payment_id: 'in_add',
      kind: 'change',
      paid: { amount: 200, currency: 'eur' },
      paid_until: null,
      lines: [line({ item: 'si_add', price: 'price_add', proration: true, amount: 200 })],
    }),
    sub({ version: 2, items: [item(), two] }),
    renewal({
      lines: [
        line({ item: 'si_add', price: 'price_add', amount: 300, start: iso(30), end: iso(60) }),
        line({ start: iso(30), end: iso(60) }),
      ],
    }),
    sub({ version: 3, items: [item({ current_period_end: iso(60) })] }),
    up(),
  ],
  'month to year with an add-on whose items change': [
    payment({
      ...of,
      payment_id: 'in_y',
      kind: 'change',
      paid: { amount: 9_000, currency: 'eur' },
      paid_from: iso(10),
      paid_until: iso(375),
      lines: [
        line({ item: 'si_1', price: 'price_year', amount: 9_990, start: iso(10), end: iso(375) }),
        line({ proration: true, amount: -600, start: iso(10) }),
        line({ item: 'si_add', price: 'price_add', amount: 300, start: iso(10), end: iso(40) }),
      ],
    }),
    sub({
      version: 2,
      plan: 'yearly',
      items: [
        item({
          plan: 'yearly',
          price: 'price_year',
          amount: 9_990,
          interval: 'year',
          current_period_end: iso(375),
        }),
        two,
      ],
    }),
    sub({
      version: 3,
      plan: 'yearly',
      items: [
        item({
          plan: 'yearly',
          price: 'price_year',
          amount: 9_990,
          interval: 'year',
          current_period_end: iso(375),
        }),
      ],
    }),
    first({ version: 2, dispute: 'open', disputed: { open: 500, lost: 0 }, disputed_at: iso(12) }),
  ],
  'ended by dispute, second subscription': [
    sub({ version: 2, status: 'canceled', ended_reason: 'payment_disputed', ended_at: iso(12) }),
    first({ version: 2, dispute: 'open', disputed: { open: 999, lost: 0 }, disputed_at: iso(12) }),
    first({
      payment_id: 'sub_2',
      subscription_id: 'sub_2',
      version: 1,
      paid_from: iso(13),
      paid_until: iso(43),
      lines: [line({ item: 'si_2', start: iso(13), end: iso(43) })],
    }),
    sub({
      subscription_id: 'sub_2',
      version: 1,
      items: [item({ item: 'si_2', current_period_end: iso(43) })],
      current_period_end: iso(43),
      paid_from: iso(13),
      paid_until: iso(43),
    }),
    first({ version: 3, dispute: 'lost', disputed: { open: 0, lost: 999 }, disputed_at: iso(12) }),
  ],
}
describe('one state', () => {
  test.each(Object.entries(stories))('%s', (_, facts) => {
    const rules = at(shop(), 36)
    const all = perms(facts).map((order) => state(bought(rules, ...order)))
    const states = [...new Set(all)]
    if (states.length > 1) {
      const [a = '', b = ''] = states
      let i = 0
      while (a[i] === b[i]) i++
      console.log(states.length, a.slice(i - 150, i + 250), '\n', b.slice(i - 150, i + 250))
    }
    expect(states.length).toBe(1)
  })
})
void asked
void found
void item
