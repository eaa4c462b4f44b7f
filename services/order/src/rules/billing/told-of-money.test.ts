import type { Payment } from '@spawnpoint/contracts'
import { describe, expect, test } from 'vitest'
import {
  asked,
  at,
  bought,
  days,
  done,
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
import { order, payment, server } from '../../../test/fixtures.ts'
import { applyPayment } from '../decisions/apply-payment.ts'
import { applyServer } from '../decisions/apply-server.ts'

// Money that does not decide about the server, and that a person has to know of.

const lost = (changes: Partial<Payment> = {}) =>
  first({ version: 2, dispute: 'lost', disputed: { open: 0, lost: 999 }, disputed_at: iso(25), ...changes })

describe('A subscription that replaces another', () => {
  const over = sub({
    version: 3,
    status: 'canceled',
    ended_reason: 'cancellation_requested',
    ended_at: iso(20),
  })
  const two = { subscription_id: 'sub_2', order_id: 'o-1' }
  const until = { current_period_end: iso(50), items: [item({ item: 'si_2', current_period_end: iso(50) })] }
  const paid = payment({
    ...{ ...two, payment_id: 'sub_2', lines: [line({ item: 'si_2', start: iso(20), end: iso(50) })] },
    ...{ paid_from: iso(20), paid_until: iso(50) },
  })

  test('a chargeback of the one before is told of', () => {
    const rules = at(shop(), 26)
    const state = sub({ ...two, ...until, paid_from: iso(20), paid_until: iso(50) })
    const now = bought(rules, over, state, paid, lost())
    expect(now).toMatchObject({ desired: 'running', subscription_id: 'sub_2' })
    expect(now.money.findings).toMatchObject([{ kind: 'running_unpaid', about: 'sub_1' }])
  })

  test.each([
    ['hold', ['running_unpaid']],
    ['allow', []],
  ] as const)('a trial that it begins with, where the plan says %s', (trial, kinds) => {
    const rules = at(shop({ trial }), 21)
    const free = {
      nothing_owed: true,
      paid: { amount: 0, currency: 'eur' },
      collected: 0,
      trial_end: iso(50),
    }
    const state = sub({ ...two, ...until, status: 'trialing', trial_end: iso(50) })
    const now = bought(rules, over, state, { ...paid, ...free })
    expect(now).toMatchObject({ desired: 'running', subscription_id: 'sub_2' })
    expect(found(now)).toEqual(kinds)
  })
})

test.each([
  ['nothing', 0, ['running_unpaid']],
  ['a part', 100, ['running_unpaid']],
  ['all of it', 999, []],
])(
  'a refunded year, and a month out of the balance that it left, of which %s was charged',
  (_, collected, kinds) => {
    const rules = at(shop(), 280)
    const year = first({
      ...{ paid: { amount: 9_990, currency: 'eur' }, collected: 9_990, refunded: 9_990, version: 2 },
      ...{ lines: [line({ price: 'price_yearly', amount: 9_990, end: iso(365) })], paid_until: iso(365) },
    })
    const period = { paid_from: iso(275), paid_until: iso(305) }
    const last = renewal({ ...period, collected, lines: [line({ start: iso(275), end: iso(305) })] })
    const monthly = sub({
      ...{ version: 2, current_period_end: iso(305), items: [item({ current_period_end: iso(305) })] },
      ...period,
    })
    const now = asked(rules, bought(rules, monthly, last, year), { ...monthly, version: 3 }, [year, last])
    expect(now.desired).toBe('running')
    expect(found(now)).toEqual(kinds)
  },
)

test('a set-up fee that is charged back during the trial suspends nobody, and is told of', () => {
  const rules = shop()
  const fee = { paid: { amount: 500, currency: 'eur' }, collected: 500, paid_until: iso(14) }
  const bill = { ...fee, lines: [line({ amount: 0, end: iso(14) })] }
  const trial = sub({
    ...{ status: 'trialing', trial_end: iso(14), current_period_end: iso(14), paid_until: iso(14) },
    items: [item({ current_period_end: iso(14) })],
  })
  const accepted = order({ price: fee.paid })
  const served = done(applyServer(done(applyPayment(accepted, first(bill), rules)), server(), rules))
  const back = lost({ ...bill, disputed: { open: 0, lost: 500 }, disputed_at: iso(3) })
  const before = receive(at(rules, 3), receive(at(rules, 1), served, trial), back)
  const now = asked(at(rules, 4), before, { ...trial, version: 2 }, [back])
  expect({ desired: now.desired, found: found(now) }).toEqual({
    desired: 'running',
    found: ['running_unpaid'],
  })
})

test.each([
  ['the price', [500, 499], true],
  ['less', [500, 300], false],
])(
  'a period that the bank returned, paid again within two invoices that make %s',
  (_, amounts, isPaidAnew) => {
    const rules = shop()
    const end = { current_period_end: iso(60), items: [item({ current_period_end: iso(60) })] }
    const back = renewal({ version: 2, returned: true, returned_amount: 999, disputed_at: iso(35) })
    const anew = amounts.map((amount) =>
      payment({
        ...{ ...of, payment_id: `in_h${amount}`, kind: 'change', paid: { amount, currency: 'eur' } },
        ...{ lines: [], paid_until: null, paid_at: iso(37) },
      }),
    )
    const order = bought(at(rules, 37), sub({ version: 2, ...end }), back, ...anew)
    const { firstOf, now } = days(rules, order, [37, 44], sub({ version: 3, ...end }), [
      first(),
      back,
      ...anew,
    ])
    expect(firstOf('suspended') === null).toBe(isPaidAnew)
    const both = expect.stringContaining('invoice in_h499 (4.99 EUR) and in_h500 (5.00 EUR)')
    const told = (now.money.findings ?? []).filter(({ about }) => about === 'in_h499')
    expect(told).toEqual(isPaidAnew ? [{ kind: 'running_unpaid', about: 'in_h499', finding: both }] : [])
  },
)
