import { expect, test } from 'vitest'
import {
  asked,
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
  told,
} from '../../../test/billing-story.ts'
import { payment } from '../../../test/fixtures.ts'

// theopenco/llmgateway#2566: proration is off, and the difference is charged by an invoice of the seller's own.
test('D120 an upgrade with proration none and a manual invoice for the difference, paid: not underpaid, not suspended', () => {
  const rules = shop({ underpaid: 'suspend' })
  const items = [item({ price: 'price_large', plan: 'large', amount: 1_999, current_period_end: iso(60) })]
  const up = sub({
    version: 2,
    plan: 'large',
    current_period_end: iso(60),
    paid_from: iso(30),
    paid_until: iso(60),
    items,
  })
  const byHand = payment({
    ...of,
    payment_id: 'in_hand',
    kind: 'change',
    paid: { amount: 833, currency: 'eur' },
    lines: [],
    paid_until: null,
    paid_at: iso(35),
  })
  const now = asked(at(rules, 36), bought(at(rules, 35), renewal(), up, byHand), { ...up, version: 3 }, [
    first(),
    renewal(),
    byHand,
  ])
  expect({ desired: now.desired, found: found(now) }).toEqual({ desired: 'running', found: [] })
})

test('D121 the seller voids the renewal of a customer who is past_due, in place of one that is active: told alike', () => {
  const rules = shop()
  const end = { current_period_end: iso(60), items: [item({ current_period_end: iso(60) })] }
  const voided = renewal({
    status: 'failed',
    invoice_status: 'void',
    attempts: 4,
    paid_from: null,
    paid_until: null,
  })
  const toldOf = (status: 'active' | 'past_due' | 'unpaid') => {
    const state = sub({ version: 2, status, ...end })
    const { seen } = days(
      rules,
      receive(at(rules, 31), bought(at(rules, 30.1), state), voided),
      [31, 50],
      { ...state, version: 3 },
      [first(), voided],
    )
    return seen.every(({ desired, told }) => desired !== 'running' || told)
  }
  expect({ active: toldOf('active'), past_due: toldOf('past_due'), unpaid: toldOf('unpaid') }).toEqual({
    active: true,
    past_due: true,
    unpaid: true,
  })
})

test('D122 an upgrade in the first period whose invoice is paid, then refunded in part by credit: runs and nothing is found', () => {
  const rules = shop()
  const up = sub({
    version: 2,
    plan: 'large',
    items: [item({ price: 'price_large', plan: 'large', amount: 1_999 })],
  })
  const change = payment({
    ...{ ...of, payment_id: 'in_up', kind: 'change' },
    paid: { amount: 833, currency: 'eur' },
    collected: 833,
    lines: [
      line({ amount: -833, proration: true, start: iso(5) }),
      line({ price: 'price_large', amount: 1_666, proration: true, start: iso(5) }),
    ],
    ...{ paid_from: null, paid_until: null },
  })
  const now = asked(at(rules, 6), bought(at(rules, 5), up, change), { ...up, version: 3 }, [first(), change])
  expect({ desired: now.desired, told: told(now) }).toEqual({ desired: 'running', told: false })
})
