import type { Payment, Subscription } from '@spawnpoint/contracts'
import { describe, expect, test } from 'vitest'
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
  receive,
  shop,
  sub,
} from '../../../test/billing-story.ts'
import { payment } from '../../../test/fixtures.ts'
import { applyLookup } from '../decisions/apply-lookup.ts'
import { reevaluateOrder } from '../decisions/reevaluate-order.ts'

// Two subscriptions name one order, and the one that it is billed by is not paid from day 30 on.

const rules = shop()
const other = (changes: Partial<Subscription> = {}) =>
  sub({
    ...{ subscription_id: 'sub_2', order_id: 'o-1', current_period_end: iso(50) },
    ...{
      paid_from: iso(20),
      paid_until: iso(50),
      items: [item({ item: 'si_2', current_period_end: iso(50) })],
    },
    ...changes,
  })
const month = (changes: Partial<Payment> = {}) =>
  payment({
    ...{ subscription_id: 'sub_2', order_id: 'o-1', payment_id: 'sub_2' },
    lines: [line({ item: 'si_2', start: iso(20), end: iso(50) })],
    ...{ paid_from: iso(20), paid_until: iso(50) },
    ...changes,
  })
const late = sub({
  ...{ version: 3, status: 'past_due', current_period_end: iso(60) },
  items: [item({ current_period_end: iso(60) })],
})
const both = (...facts: (Payment | Subscription)[]) =>
  facts.reduce(
    (order, fact) => receive(at(rules, 20), order, fact),
    bought(at(rules, 1), sub({ version: 2 })),
  )

describe('A subscription of an order fails, and another one that names it', () => {
  test('is paid: the server runs until that time and its grace are over, and somebody is told', () => {
    const { seen, firstOf } = days(rules, both(other(), month()), [33, 60], late, [first()])
    expect(firstOf('suspended')).toBe(53)
    expect(seen[0]).toMatchObject({ told: true })
  })

  test('is paid although Stripe reports another invoice of it as unpaid', () => {
    const { firstOf } = days(rules, both(other({ status: 'unpaid' }), month()), [33, 60], late, [first()])
    expect(firstOf('suspended')).toBe(53)
  })

  test('is paused by the seller: the server runs, and somebody is told', () => {
    const paused = other({ status: 'unpaid', pause_collection: { behavior: 'void', resumes_at: null } })
    const over = month({ paid_until: iso(25), lines: [line({ start: iso(20), end: iso(25) })] })
    const { now, firstOf } = days(rules, both(paused, over), [33, 60], late, [first()])
    expect(firstOf('suspended')).toBeNull()
    expect(found(now)).toContain('paid_and_suspended')
  })

  test.each([
    ['was refunded in full', month({ refunded: 999 })],
    ['was lost to a dispute', month({ dispute: 'lost' })],
    ['began with nothing', month({ paid: { amount: 0, currency: 'eur' }, collected: 0 })],
    [
      'was paid for a time that is over',
      month({ paid_until: iso(25), lines: [line({ start: iso(20), end: iso(25) })] }),
    ],
  ])('%s: keeps no server', (_, paid) => {
    const { firstOf } = days(rules, both(other(), paid), [33, 40], late, [first()])
    expect(firstOf('suspended')).toBe(33)
  })

  test('has ended: keeps no server', () => {
    const ended = other({ version: 2, status: 'canceled', ended_at: iso(25) })
    const { firstOf } = days(rules, both(other(), month(), ended), [33, 40], late, [first()])
    expect(firstOf('suspended')).toBe(33)
  })
})

describe('A subscription that replaced another, and whose events did not arrive', () => {
  const over = sub({
    ...{ version: 3, status: 'canceled', ended_reason: 'cancellation_requested', ended_at: iso(20) },
  })
  const reported = both(over)
  const answer = { subscription: over, payments: [], other_subscriptions: [other()] }
  const found20 = applyLookup(reported, answer, at(rules, 20))
  const known = reevaluateOrder(reported, found20, { rules: at(rules, 20) })

  test('is found by the lookup before anybody is suspended', () => {
    expect(reported).toMatchObject({ desired: 'running', money_due_at: iso(20) })
    expect(known.kind === 'apply' && known.order).toMatchObject({ desired: 'running', money_due_at: iso(21) })
  })

  test('is told to a person until its payment arrives, and takes the order over then', () => {
    if (known.kind !== 'apply') throw new Error('nothing was looked up')
    expect(found(known.order)).toContain('paid_and_suspended')
    const taken = receive(at(rules, 20), known.order, month())
    expect(taken).toMatchObject({ desired: 'running', subscription_id: 'sub_2', paid_until: iso(50) })
    expect(found(taken)).toEqual([])
  })

  test('takes it over with its first renewal, where its first invoice was never paid', () => {
    const renewed = month({ payment_id: 'in_22', kind: 'renewal' })
    const taken = [over, other(), renewed].reduce(
      (order, fact) => receive(at(rules, 20), order, fact),
      both(),
    )
    expect(taken).toMatchObject({ desired: 'running', subscription_id: 'sub_2', paid_until: iso(50) })
    expect(found(taken)).toEqual([])
    const { firstOf } = days(
      rules,
      taken,
      [50.25, 60],
      other({ version: 2, status: 'past_due', items: [item({ item: 'si_2', current_period_end: iso(80) })] }),
      [],
    )
    expect(firstOf('suspended')).toBe(53)
  })

  test('and without another one the server stops', () => {
    expect(asked(at(rules, 20), reported, over).desired).toBe('suspended')
  })
})

describe('Two subscriptions of an order that have both ended', () => {
  const own = sub({
    ...{ version: 3, status: 'canceled', ended_reason: 'cancellation_requested', ended_at: iso(20) },
  })
  const another = other({
    ...{ version: 2, status: 'canceled', ended_reason: 'cancellation_requested', ended_at: iso(21) },
  })
  const after = (paid: Payment) => receive(at(rules, 25), both(own, other(), another), paid)

  test('an invoice of the other one that is paid afterwards pays for its period', () => {
    const taken = after(month({ paid_at: iso(25) }))
    expect(taken).toMatchObject({ desired: 'running', subscription_id: 'sub_2', paid_until: iso(50) })
    expect(asked(at(rules, 50.1), taken, null).desired).toBe('suspended')
  })

  test('one that reaches no further than what is paid changes nothing', () => {
    const ends = { lines: [line({ item: 'si_2', start: iso(20), end: iso(28) })], paid_until: iso(28) }
    expect(after(month({ paid_at: iso(25), ...ends })).subscription_id).toBe('sub_1')
  })
})
