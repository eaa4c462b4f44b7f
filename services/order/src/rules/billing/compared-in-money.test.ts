import type { Payment } from '@spawnpoint/contracts'
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
  of,
  renewal,
  shop,
  sub,
} from '../../../test/billing-story.ts'
import { payment } from '../../../test/fixtures.ts'

// What went back, came back, or is held is compared with what was charged: a part leaves the rest paid.

const second = sub({ version: 2, current_period_end: iso(60), paid_from: iso(30), paid_until: iso(60) })

/** What becomes of the second month from day 35 to day 55, when this is what became of its payment. */
function became(changes: Partial<Payment>) {
  const taken = renewal({ version: 2, collected: 999, ...changes })
  const order = bought(at(shop(), 31), second, renewal({ collected: 999 }), taken)
  const { firstOf, seen } = days(shop(), order, [35, 55], second, [first(), taken])
  return {
    suspended: firstOf('suspended'),
    terminated: firstOf('terminated'),
    told: seen.some(({ told }) => told),
  }
}

const returned = (returned_amount: number | null): Partial<Payment> => ({
  ...{ returned: true, returned_amount, disputed_at: iso(35), dispute_reason: 'insufficient_funds' },
})

describe('a returned direct debit', () => {
  test.each([
    ['of a cent', returned(1)],
    ['of half of it', returned(500)],
    ['of half of it, where a quarter was refunded before', { ...returned(500), refunded: 250 }],
  ])('%s: the server runs, and the seller is told', (_, changes) => {
    expect(became(changes)).toEqual({ suspended: null, terminated: null, told: true })
  })

  test.each([
    ['of all of it', returned(999)],
    ['of all that a refund had left', { ...returned(499), refunded: 500 }],
    ['of an amount that nobody knows', returned(null)],
  ])('%s: a failed renewal', (_, changes) => {
    expect(became(changes).suspended).toBe(38)
  })
})

describe('a dispute beside a return', () => {
  const lost = (amount: number): Partial<Payment> => ({
    dispute: 'lost',
    disputed: { open: 0, lost: amount },
  })

  test('of both together all: lost', () => {
    expect(became({ ...returned(500), ...lost(499) }).suspended).toBe(35)
  })

  test('of both together a part: the server runs, and the seller is told', () => {
    expect(became({ ...returned(300), ...lost(300) })).toMatchObject({ suspended: null, told: true })
  })
})

describe('one of several things on one invoice', () => {
  const both = { paid: { amount: 1_499, currency: 'eur' }, collected: 1_499 }

  test.each([
    ['the add-on, 5.00 of 14.99', 500],
    ['the plan, 9.99 of 14.99', 999],
  ])('disputed and lost: %s: the server runs, and the seller is told', (_, amount) => {
    const lost = { dispute: 'lost', disputed: { open: 0, lost: amount }, disputed_at: iso(35) } as const
    expect(became({ ...both, ...lost })).toEqual({ suspended: null, terminated: null, told: true })
  })

  test('all of it is lost: suspended', () => {
    const lost = { dispute: 'lost', disputed: { open: 0, lost: 1_499 }, disputed_at: iso(35) } as const
    expect(became({ ...both, ...lost }).suspended).toBe(35)
  })
})

test('an invoice that two payments have paid: the month is paid until both went back', () => {
  const twice = { collected: 1_998 }
  expect(became({ ...twice, refunded: 999 })).toEqual({ suspended: null, terminated: null, told: false })
  expect(became({ ...twice, refunded: 1_998 }).suspended).toBe(35)
})

describe('an add-on that is charged by itself, beside a plan that is paid', () => {
  const items = [
    item({ current_period_end: iso(60) }),
    item({ item: 'si_2', price: 'price_backup', plan: null, amount: 300, current_period_end: iso(60) }),
  ]
  const mixed = sub({
    version: 2,
    items,
    current_period_end: iso(60),
    paid_from: iso(30),
    paid_until: iso(60),
  })
  const addOn = (changes: Partial<Payment> = {}) =>
    payment({
      ...{ ...of, payment_id: 'in_addon', kind: 'renewal', paid: { amount: 300, currency: 'eur' } },
      lines: [line({ item: 'si_2', price: 'price_backup', amount: 300, start: iso(32), end: iso(60) })],
      ...changes,
    })

  function runs(changes: Partial<Payment>, state = mixed) {
    const bill = addOn(changes)
    const order = bought(at(shop(), 31), mixed, renewal(), bill)
    const { firstOf, seen } = days(shop(), order, [35, 55], state, [first(), renewal(), bill])
    return { suspended: firstOf('suspended'), told: seen.some(({ told }) => told) }
  }

  test('its debit is returned: runs, and is told', () => {
    expect(runs(returned(300))).toEqual({ suspended: null, told: true })
  })

  test('its invoice fails, and the subscription is past due: runs, and is told', () => {
    const failed = { status: 'failed', invoice_status: 'open', attempts: 4, failure: 'no money' } as const
    expect(runs(failed, { ...mixed, version: 3, status: 'past_due' })).toEqual({
      suspended: null,
      told: true,
    })
  })

  test('its charge is disputed and lost: runs, and is told', () => {
    const lost = { dispute: 'lost', disputed: { open: 0, lost: 300 }, disputed_at: iso(35) } as const
    expect(runs(lost)).toEqual({ suspended: null, told: true })
  })
})

describe('the first month is refunded, and an upgrade within it', () => {
  const upgrade = (changes: Partial<Payment> = {}) =>
    payment({
      ...{
        ...of,
        payment_id: 'in_up',
        kind: 'change',
        paid: { amount: 700, currency: 'eur' },
        collected: 700,
      },
      lines: [
        line({ proration: true, amount: -900, start: iso(3) }),
        line({ proration: true, amount: 1_600, start: iso(3) }),
      ],
      ...changes,
    })
  const back = first({ version: 2, collected: 999, refunded: 999 })

  function onDay6(bill: Payment) {
    const order = bought(at(shop(), 5), sub(), bill, back)
    return asked(at(shop(), 6), order, sub(), [back, bill])
  }

  test('is kept: not all of its money went back, so it runs, and the seller is told', () => {
    const order = onDay6(upgrade())
    expect(order).toMatchObject({ desired: 'running', billing_status: 'paid' })
    expect(order.money.findings).toMatchObject([{ about: 'sub_1', kind: 'running_unpaid' }])
  })

  test.each([
    ['is refunded too', { refunded: 700 }],
    ['cost nothing', { paid: { amount: 0, currency: 'eur' }, collected: 0, nothing_owed: true }],
    ['was taken by the bank', { dispute: 'lost', disputed: { open: 0, lost: 700 }, disputed_at: iso(5) }],
  ] as [string, Partial<Payment>][])('%s: all went back', (_, changes) => {
    expect(onDay6(upgrade({ version: 2, ...changes }))).toMatchObject({ desired: 'suspended' })
  })
})

describe('an invoice made by hand, of at least the price, and the month is refunded', () => {
  const byHand = (paid_at: string | undefined) =>
    payment({
      ...{ ...of, payment_id: 'in_hand', kind: 'change', paid: { amount: 1_500, currency: 'eur' } },
      ...{ collected: 1_500, lines: [], ...(paid_at ? { paid_at } : {}) },
    })

  const onDay36 = (paid_at: string | undefined) => {
    const back = renewal({ version: 2, refunded: 999, collected: 999, paid_at: iso(30) })
    const order = bought(at(shop(), 31), second, byHand(paid_at), renewal({ paid_at: iso(30) }), back)
    return asked(at(shop(), 36), order, second, [first(), byHand(paid_at), back]).desired
  }

  test.each([
    ['paid on day 1, a set-up fee', iso(1), 'suspended'],
    ['paid after the month was paid: it may stand for it', iso(34), 'running'],
    ['paid nobody knows when', undefined, 'running'],
  ])('%s', (_, paid_at, desired) => {
    expect(onDay36(paid_at)).toBe(desired)
  })
})

test('a dispute whose state this version does not know: runs, and is told', () => {
  const unclear = 'Stripe reports dispute du_1 as "brand_new", which this version does not know.'
  expect(became({ unclear })).toEqual({ suspended: null, terminated: null, told: true })
})
