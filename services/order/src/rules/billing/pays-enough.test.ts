import type { Payment, Subscription } from '@spawnpoint/contracts'
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
import { applyAdminCommand } from '../decisions/admin-command.ts'
import { applyPayment } from '../decisions/apply-payment.ts'
import { applyServer } from '../decisions/apply-server.ts'

// A line of an invoice may charge less than the plan costs although nobody pays too little.

const rules = shop({ underpaid: 'suspend' })
const running = (until: number, changes: Partial<Subscription> = {}) =>
  sub({
    ...{ version: 2, current_period_end: iso(until), paid_from: iso(until - 30), paid_until: iso(until) },
    ...{ items: [item({ current_period_end: iso(until) })], ...changes },
  })

describe('A trial that the seller gives within a paid subscription', () => {
  const free = { paid: { amount: 0, currency: 'eur' }, nothing_owed: true, collected: 0 }
  const trial = payment({
    ...{ ...of, ...free, payment_id: 'in_trial', kind: 'change', paid_from: iso(10), paid_until: iso(40) },
    lines: [line({ amount: 0, start: iso(10), end: iso(40) })],
  })
  const onTrial = running(40, { status: 'trialing', trial_end: iso(40) })
  const next = { current_period_end: iso(70), items: [item({ current_period_end: iso(70) })] }
  const over = running(40, { ...next, version: 3, status: 'active', trial_end: iso(40) })

  test.each([
    ['card', {}],
    ['sent invoice that is not due yet', { status: 'pending', invoice_status: 'open', due_at: iso(54) }],
    ['bank debit under way', { status: 'pending', invoice_status: 'open', processing: true }],
  ] as const)('suspends nobody while what follows it is not paid yet: %s', (name, changes) => {
    const open = renewal({
      ...{ payment_id: 'in_3', paid_from: iso(40), paid_until: iso(70), ...changes },
      lines: [line({ start: iso(40), end: iso(70) })],
    })
    const all = name === 'card' ? [first(), trial] : [first(), trial, open]
    const order = bought(at(rules, 10), onTrial, trial)
    const { seen } = days(rules, order, [40.01, name === 'card' ? 40.06 : 50], over, all)
    expect(seen.every(({ desired, told }) => desired === 'running' && !told)).toBe(true)
  })

  test('is no excuse for a Price of nothing', () => {
    const order = bought(at(rules, 10), running(40, { items: [item({ price: 'price_free', amount: 0 })] }), {
      ...trial,
      lines: [line({ price: 'price_free', amount: 0, start: iso(10), end: iso(40) })],
    })
    expect(found(order)).toContain('underpaid')
  })
})

/** What becomes of the second month, paid by this renewal of this subscription, until its end. */
function second(changes: Partial<Payment>, state: Partial<Subscription>, facts: Payment[] = [first()]) {
  const paid = renewal(changes)
  const own = running(60, state)
  const order = [own, paid].reduce((known, fact) => receive(at(rules, 30.1), known, fact), boughtBy(facts))
  const { seen, now } = days(rules, order, [30.2, 44.9], { ...own, version: 3 }, [...facts, paid])
  return { desired: [...new Set(seen.map(({ desired }) => desired))], kinds: found(now), order }
}
function boughtBy([paid = first()]: Payment[]) {
  return done(applyServer(done(applyPayment(order(), paid, rules)), server(), rules))
}

describe('A subscription of two items of which none names a plan', () => {
  const item2 = (id: string, amount: number) => ({ item: `si_${id}`, price: `price_${id}`, amount })
  const until = { current_period_end: iso(60), plan: null }
  const renewed = (a: number, b: number) =>
    second(
      { lines: [item2('a', a), item2('b', b)].map((one) => line({ ...one, start: iso(30), end: iso(60) })) },
      { items: [item2('a', a), item2('b', b)].map((one) => item({ ...one, ...until })) },
    )

  test('pays what both cost together, whichever comes first', () => {
    for (const [a, b] of [
      [200, 799],
      [799, 200],
    ] as const)
      expect(renewed(a, b)).toMatchObject({ desired: ['running'], kinds: [] })
  })

  test('is found where both cost less together', () => {
    expect(renewed(200, 700)).toMatchObject({ desired: ['running', 'suspended'] })
    expect(renewed(200, 700).kinds).toContain('underpaid')
  })
})

describe('A month that the end of the subscription cuts short', () => {
  // Source: the SDK's description of `cancel_at`: in a future period it always causes a proration for that period.
  const short = (amount: number, proration = false) =>
    second(
      {
        ...{ paid: { amount, currency: 'eur' }, paid_until: iso(45) },
        lines: [line({ amount, proration, start: iso(30), end: iso(45) })],
      },
      {
        ...{ cancel_at: iso(45), current_period_end: iso(45), paid_until: iso(45) },
        items: [item({ current_period_end: iso(45) })],
      },
    )

  test.each([false, true])('costs its part of the price, prorated: %s', (proration) => {
    const { desired, kinds, order: now } = short(484, proration)
    expect({ desired, kinds, until: now.paid_until }).toEqual({
      ...{ desired: ['running'], kinds: [], until: iso(45) },
    })
    expect(short(400, proration).kinds).toEqual(['underpaid'])
  })
})

test('The seller gives a bigger plan: the month that is paid for the one before suspends nobody, and that is told', () => {
  const { order: month } = second({}, {})
  const gift = { command: { do: 'change-plan', plan: 'large' }, reason: 'A gift' } as const
  const given = applyAdminCommand(month, gift, at(rules, 35))
  if (given.kind !== 'apply') throw new Error(given.kind)
  const now = asked(at(rules, 36), given.order, running(60, { version: 4 }), [first(), renewal()])
  expect(now).toMatchObject({ plan: 'large', desired: 'running' })
  expect(found(now)).toEqual(['plan_price_mismatch'])
})

describe('The Price that the first payment covered the price with', () => {
  const net = { paid: { amount: 999, currency: 'eur' }, tax: 160 }
  const bought = first({ ...net, lines: [line({ amount: 839 })] })
  const renewed = (amount: number, price = 'price_small') =>
    second(
      { ...net, lines: [line({ price, amount, start: iso(30), end: iso(60) })] },
      { items: [item({ price, amount, current_period_end: iso(60) })] },
      [bought],
    )

  test('covers it by each renewal, with tax on top', () => {
    expect(renewed(839)).toMatchObject({ desired: ['running'] })
    expect(renewed(839).kinds).not.toContain('underpaid')
  })

  test('does not where it charges less by now, or is another one', () => {
    expect(renewed(500).kinds).toContain('underpaid')
    expect(renewed(839, 'price_other').kinds).toContain('underpaid')
  })

  test('does not where it began with a trial', () => {
    const trial = { nothing_owed: true, trial_end: iso(30), paid: { amount: 0, currency: 'eur' } }
    const kinds = second(
      { lines: [line({ amount: 500, start: iso(30), end: iso(60) })] },
      { items: [item({ amount: 500, current_period_end: iso(60) })] },
      [first({ ...trial, lines: [line({ amount: 0 })] })],
    ).kinds
    expect(kinds).toContain('underpaid')
  })
})
