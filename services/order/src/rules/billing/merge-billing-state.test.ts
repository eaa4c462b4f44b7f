import type { Payment } from '@spawnpoint/contracts'
import { describe, expect, test } from 'vitest'
import {
  at,
  bought,
  days,
  first,
  found,
  iso,
  item,
  line,
  of,
  receive,
  renewal,
  shop,
  sub,
} from '../../../test/billing-story.ts'
import { payment } from '../../../test/fixtures.ts'

// An order stores forty payments: what decides about its server is among them, however old it is.

const rules = shop()
const start = 30 * 39
const months = Array.from({ length: 39 }, (_, n) =>
  renewal({
    payment_id: `in_${100 + n}`,
    lines: [line({ start: iso(30 * n + 30), end: iso(30 * n + 60) })],
    ...{ paid_from: iso(30 * n + 30), paid_until: iso(30 * n + 60) },
  }),
)
const state = sub({
  version: 2,
  paid_from: iso(start),
  paid_until: iso(start + 30),
  current_period_end: iso(start + 30),
})
const byHand = (changes: Partial<Payment> = {}) =>
  payment({ ...of, payment_id: 'in_hand', kind: 'change', lines: [], paid_at: iso(start + 6), ...changes })
const old = (...facts: Payment[]) =>
  [...months, ...facts].reduce(
    (order, fact) => receive(at(rules, start + 6), order, fact),
    bought(rules, state),
  )

describe('An order of forty payments', () => {
  test('whose present month the bank sent back runs on once that is paid anew', () => {
    const last = months.at(-1) as Payment
    const returned = { ...last, version: 2, returned: true, disputed_at: iso(start + 5) }
    const order = old(returned, byHand())
    const known = [first(), ...months.slice(0, -1), returned, byHand()]
    const { firstOf } = days(rules, order, [start + 6, start + 25], { ...state, version: 3 }, known)
    expect(firstOf('suspended')).toBeNull()
  })

  test('has its paid change of plan, and an invoice of one that is not paid', () => {
    const until = { prorated_until: iso(start + 30), prorated_prices: ['price_large'] }
    const lines = [
      line({
        price: 'price_large',
        amount: 800,
        proration: true,
        start: iso(start + 1),
        end: iso(start + 30),
      }),
    ]
    expect(old(byHand({ lines })).money.payments).toContainEqual(
      expect.objectContaining({ payment_id: 'in_hand', ...until }),
    )
    const open = byHand({ status: 'failed', invoice_status: 'open', paid_at: null, lines })
    expect(found(old(open))).toEqual(['underpaid'])
  })

  test('forgets those first that are over longest', () => {
    const before = byHand({ payment_id: 'in_before', paid_at: iso(40) })
    const ids = old(before, byHand()).money.payments.map(({ payment_id }) => payment_id)
    expect(ids).toHaveLength(40)
    expect(ids).toContain('sub_1')
    expect(ids).not.toContain('in_before')
    expect(ids).not.toContain('in_100')
  })
})

test('Six months with an add-on are known the same before and after their subscription', () => {
  const addOn = { item: 'si_add', price: 'price_add', amount: 300 }
  const paid = months.slice(0, 6).map((each) => {
    const [plan] = each.lines ?? []
    return { ...each, lines: plan ? [{ ...plan, ...addOn }, plan] : [] }
  })
  const both = sub({ version: 2, items: [item(), item({ ...addOn, plan: null })] })
  const [before, after] = [
    [both, ...paid],
    [...paid, both],
  ].map((facts) => bought(at(rules, 190), ...facts))
  expect(after?.money.payments).toEqual(before?.money.payments)
})
