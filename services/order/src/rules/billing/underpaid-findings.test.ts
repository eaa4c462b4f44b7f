import type { Payment, Subscription } from '@spawnpoint/contracts'
import { describe, expect, test } from 'vitest'
import {
  asked,
  at,
  bought,
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
import { applyLookup } from '../decisions/apply-lookup.ts'
import { applyPayment } from '../decisions/apply-payment.ts'
import { applyServer } from '../decisions/apply-server.ts'
import { reevaluateOrder } from '../decisions/reevaluate-order.ts'
import { billingDiscrepancies } from '../discrepancies/billing-discrepancies.ts'

const month = (n: number, changes: Partial<Payment> = {}) =>
  payment({
    ...{ ...of, payment_id: `in_${n + 1}`, kind: 'renewal' },
    lines: [line({ start: iso(30 * n), end: iso(30 * n + 30) })],
    ...{ paid_from: iso(30 * n), paid_until: iso(30 * n + 30), ...changes },
  })
const running = (until: number, changes: Partial<Subscription> = {}) =>
  sub({
    ...{ version: 2, current_period_end: iso(until), paid_from: iso(until - 30), paid_until: iso(until) },
    ...{ items: [item({ current_period_end: iso(until) })], ...changes },
  })
const bigger = (until: number, changes: Partial<Subscription> = {}) =>
  running(until, {
    plan: 'large',
    items: [item({ price: 'price_large', plan: 'large', amount: 1_999, current_period_end: iso(until) })],
    ...changes,
  })

/** An invoice of 8.33: the bigger plan from day 5 of its period on. */
function upgrade(start: number, changes: Partial<Payment> = {}): Payment {
  const rest = { proration: true, start: iso(start + 5), end: iso(start + 30) }
  const lines = [line({ ...rest, amount: -833 }), line({ ...rest, price: 'price_large', amount: 1_666 })]
  const amounts = { paid: { amount: 833, currency: 'eur' }, collected: 833 }
  return payment({ ...of, payment_id: 'in_up', kind: 'change', lines, ...amounts, ...changes })
}
const byHand = (amount: number) =>
  upgrade(30, { payment_id: 'in_hand', lines: [], paid: { amount, currency: 'eur' }, paid_at: iso(35) })

describe.each([
  ['first', 0, [first()]],
  ['second', 30, [first(), renewal()]],
] as const)('A bigger plan from day 5 of the %s month on', (_, start, paid) => {
  const change = (facts: Payment[], state: Partial<Subscription> = {}, rules = shop()) => {
    const up = bigger(start + 30, state)
    const order = bought(at(rules, start + 5), ...paid.slice(1), up, ...facts)
    return asked(at(rules, start + 6), order, { ...up, version: 3 }, [...paid, ...facts])
  }

  test('that its invoice pays for is not underpaid', () => {
    const order = change([upgrade(start)])
    expect(order).toMatchObject({ plan: 'large', desired: 'running' })
    expect(found(order)).toEqual([])
    expect(found(change([upgrade(start, { nothing_owed: true, collected: 0 })]))).toEqual([])
  })

  test.each<[string, Payment[], Partial<Subscription>]>([
    ['that no invoice charges (proration_behavior none)', [], {}],
    ['whose invoice nobody confirmed (default_incomplete)', [], { status: 'past_due' }],
    ['whose invoice was voided', [upgrade(start, { status: 'failed', invoice_status: 'void' })], {}],
    [
      'whose invoice was given up',
      [upgrade(start, { status: 'failed', invoice_status: 'uncollectible' })],
      {},
    ],
    [
      'while the invoice of another Price is paid',
      [
        upgrade(start, {
          lines: [line({ price: 'price_add', amount: 833, proration: true, end: iso(start + 30) })],
        }),
      ],
      {},
    ],
  ])('%s is underpaid, once, and runs', (_, facts, state) => {
    const order = change(facts, state)
    expect(order).toMatchObject({ plan: 'large', desired: 'running' })
    expect(found(order)).toEqual(['underpaid'])
  })

  test('whose invoice is open is underpaid once the grace of the change is over', () => {
    const open = upgrade(start, { status: 'failed', invoice_status: 'open' })
    const order = change([open])
    expect(found(order)).toEqual([])
    expect(order).toMatchObject({ money_due_at: iso(start + 8) })
    const later = asked(at(shop(), start + 8), order, bigger(start + 30, { version: 4 }), [...paid, open])
    expect(found(later)).toEqual(['underpaid'])
  })

  test('is looked up before anything is told of it: its invoice may be on its way', () => {
    const order = bought(at(shop(), start + 5), ...paid.slice(1), bigger(start + 30))
    expect(order).toMatchObject({ plan: 'large', money_due_at: iso(start + 5) })
    expect(found(order)).toEqual([])
    expect(found(receive(at(shop(), start + 5), order, upgrade(start)))).toEqual([])
  })

  test('is looked up once more where the lookup that told of it did not ask what waits', () => {
    const order = bought(at(shop(), start + 5), ...paid.slice(1))
    const up = { subscription: bigger(start + 30), payments: [...paid] }
    const rules = at(shop(), start + 5)
    const known = done(reevaluateOrder(order, applyLookup(order, up, rules), { rules }))
    expect(found(known)).toEqual([])
    expect(known).toMatchObject({ plan: 'large', money_due_at: iso(start + 5) })
  })

  test('whose difference waits for the next invoice is not underpaid, and is looked up again each day', () => {
    const up = bigger(start + 30, { version: 3 })
    const order = bought(at(shop(), start + 5), ...paid.slice(1), bigger(start + 30))
    const pending = asked(at(shop(), start + 6), order, up, [...paid], ['price_large'])
    expect(found(pending)).toEqual([])
    expect(pending).toMatchObject({ money_due_at: iso(start + 7) })
    // The seller deletes what waits.
    expect(found(asked(at(shop(), start + 7), pending, up, [...paid]))).toEqual(['underpaid'])
    expect(found(asked(at(shop(), start + 7), pending, up, [...paid], ['price_add']))).toEqual(['underpaid'])
  })

  test('suspends nobody and sets no lower price, whatever the policy: the month itself is paid', () => {
    const rules = shop({ underpaid: 'suspend' })
    const order = change([], {}, rules)
    const later = asked(at(rules, start + 20), order, bigger(start + 30, { version: 4 }), [...paid])
    expect(later).toMatchObject({ desired: 'running' })
    expect(billingDiscrepancies('o-1', later.money.findings ?? [])).toMatchObject([
      {
        kind: 'underpaid',
        payment_id: 'sub_1',
        confirmation: null,
        repair: expect.stringContaining('at Stripe'),
      },
    ])
  })

  test('is paid in full by the next renewal', () => {
    const rules = shop()
    const next = month(start / 30 + 1, {
      lines: [line({ price: 'price_large', amount: 1_999, start: iso(start + 30), end: iso(start + 60) })],
    })
    const state = bigger(start + 60, { version: 5 })
    expect(found(asked(at(rules, start + 31), change([]), state, [...paid, next]))).toEqual([])
  })
})

test('A first month that its session alone tells of is looked up once its plan costs more: the invoice tells what it was for', () => {
  const rules = at(shop(), 5)
  const bySession = { ...first(), lines: null, paid_from: null, paid_until: null }
  const paid = done(applyServer(done(applyPayment(order(), bySession, rules)), server(), rules))
  expect(receive(rules, paid, running(30)).money_due_at).toBe(iso(30))
  const up = receive(rules, paid, bigger(30))
  expect(up).toMatchObject({ plan: 'large', money_due_at: iso(5) })
  const read = asked(rules, up, bigger(30, { version: 3 }), [first({ version: 2 })])
  expect(found(read)).toEqual(['underpaid'])
  expect(read.money_due_at).toBe(iso(6))
})

test('The difference may be charged by an invoice that is made by hand, for the time that is left', () => {
  const rules = shop({ underpaid: 'suspend' })
  const findings = (amount: number) => {
    const facts = [renewal(), bigger(60), byHand(amount)]
    return found(
      asked(at(rules, 36), bought(at(rules, 35), ...facts), bigger(60, { version: 3 }), [renewal()]),
    )
  }
  expect(findings(833)).toEqual([])
  expect(findings(300)).toEqual(['underpaid'])
})

test('A renewal by the Price of now that charges less may be accepted, by name', () => {
  const cheap = month(1, { lines: [line({ amount: 50, start: iso(30), end: iso(60) })] })
  const order = bought(at(shop(), 31), running(60), cheap)
  expect(billingDiscrepancies('o-1', order.money.findings ?? [])).toMatchObject([
    { kind: 'underpaid', payment_id: 'in_2', confirmation: 'accept the lower price of order o-1' },
  ])
})

describe('A month that is never paid, while the next one is,', () => {
  const rules = shop()
  test.each<[string, Partial<Payment>, string[]]>([
    ['sent and overdue', { status: 'failed', invoice_status: 'open', due_at: iso(50) }, ['underpaid']],
    [
      'sent and overdue, its event lost',
      { status: 'pending', invoice_status: 'open', due_at: iso(50) },
      ['underpaid'],
    ],
    ['given up after attempts', { status: 'failed', invoice_status: 'uncollectible' }, ['underpaid']],
    ['declined', { status: 'failed', invoice_status: 'open' }, ['underpaid']],
    ['voided by the seller', { status: 'failed', invoice_status: 'void' }, []],
    ['paid late', { version: 2 }, []],
  ])('%s', (_, changes, kinds) => {
    const second = month(1, changes)
    const third = month(2)
    const order = bought(at(rules, 62), running(90), second, third)
    const now = asked(at(rules, 70), order, running(90, { version: 3 }), [second, third])
    expect(now.desired).toBe('running')
    expect(found(now)).toEqual(kinds)
  })
})

test('Who pays every third day of a daily plan is found', () => {
  const rules = shop({}, ['price_small'])
  const daily = (n: number, changes: Partial<Payment> = {}) =>
    month(1, {
      ...{ payment_id: `in_d${n}`, lines: [line({ start: iso(n), end: iso(n + 1) })] },
      ...{ paid_from: iso(n), paid_until: iso(n + 1), ...changes },
    })
  const all = [30, 31, 32, 33].map((n) =>
    n === 33 ? daily(n) : daily(n, { status: 'failed', invoice_status: 'open' }),
  )
  const state = running(34, {
    items: [item({ interval: 'day', current_period_end: iso(34) })],
    paid_from: iso(33),
  })
  const order = bought(at(rules, 33.1), state, ...all)
  expect(order.money.findings?.map(({ about }) => about)).toEqual(['in_d30', 'in_d31', 'in_d32'])
})

test('The invoice of a trial is no cheap renewal, also between the end of the trial and the next invoice', () => {
  const rules = shop({ underpaid: 'suspend' })
  const trial = { status: 'trialing', trial_end: iso(31), paid_from: iso(3), paid_until: iso(31) } as const
  const free = renewal({
    ...{ kind: 'change', nothing_owed: true, collected: 0, paid: { amount: 0, currency: 'eur' } },
    lines: [line({ amount: 0, start: iso(3), end: iso(31) })],
    ...{ paid_from: iso(3), paid_until: iso(31) },
  })
  const state = running(31, trial)
  const order = bought(at(rules, 3), state, free)
  const after = asked(at(rules, 31), order, { ...state, version: 3 }, [first(), free])
  expect(after).toMatchObject({ desired: 'running' })
  expect(found(after)).toEqual([])
})

test('A trial that is extended twice costs nothing until the invoice after it', () => {
  const rules = shop({ underpaid: 'suspend' })
  const trial = { status: 'trialing', paid_from: iso(3), paid_until: iso(31) } as const
  const free = renewal({
    ...{ kind: 'change', nothing_owed: true, collected: 0, paid: { amount: 0, currency: 'eur' } },
    lines: [line({ amount: 0, start: iso(3), end: iso(31) })],
    ...{ paid_from: iso(3), paid_until: iso(31) },
  })
  const order = bought(at(rules, 3), running(31, { ...trial, trial_end: iso(31) }), free)
  const active = running(65, { version: 3, trial_end: iso(35), paid_from: iso(3), paid_until: iso(31) })
  expect(asked(at(rules, 35), order, active, [first(), free])).toMatchObject({ desired: 'running' })
})

test('A month with an add-on stays paid when no item names the plan any more, whichever line is the plan’s', () => {
  const rules = shop({ underpaid: 'suspend' })
  const addOn = { item: 'si_add', price: 'price_add', plan: null, amount: 300 }
  const paid = month(1, {
    lines: [line({ ...addOn, start: iso(30), end: iso(60) }), ...(month(1).lines ?? [])],
  })
  const both = running(60, { items: [item(), item(addOn)] })
  const order = bought(at(rules, 31), both, paid)
  expect(found(order)).toEqual([])
  const cheap = running(60, {
    ...{ version: 3, plan: null },
    items: [item({ price: 'price_cheap', plan: null, amount: 50 }), item(addOn)],
  })
  const after = asked(at(rules, 40), order, cheap, [first(), paid])
  expect(after).toMatchObject({ desired: 'running' })
  expect(found(after)).toEqual(['plan_price_mismatch'])
})

test('A refunded change of plan is told of and suspends nobody, whatever the policy', () => {
  const rules = shop({ underpaid: 'suspend', full_refund: 'keep' })
  const back = upgrade(30, { version: 2, refunded: 833 })
  const order = bought(at(rules, 36), bigger(60), renewal(), upgrade(30), back)
  const after = asked(at(rules, 50), order, bigger(60, { version: 3 }), [first(), renewal(), back])
  expect(after).toMatchObject({ desired: 'running' })
  expect(found(after)).toEqual(['underpaid'])
})
