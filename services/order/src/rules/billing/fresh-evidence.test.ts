import { expect, test } from 'vitest'
import { asked, at, bought, done, first, iso, item, renewal, shop, sub } from '../../../test/billing-story.ts'
import { reevaluateOrder } from '../decisions/reevaluate-order.ts'
import type { Rules } from '../order/decision.ts'
import type { Order } from '../order/order.ts'

// A running server is suspended only for what Stripe reports at that moment: what it reported before may be paid meanwhile.

const later = (order: Order, rules: Rules) => done(reevaluateOrder(order, order, { rules }))

test('the grace is shortened: Stripe is asked again before anybody is late by what it said days ago', () => {
  const late = sub({
    ...{ version: 2, status: 'past_due', current_period_end: iso(60) },
    items: [item({ current_period_end: iso(60) })],
  })
  const open = renewal({ status: 'failed', invoice_status: 'open', attempts: 1 })
  const long = at(shop({ grace_days: 20 }), 31)
  const before = asked(long, bought(at(long, 30.1), late, open), { ...late, version: 3 }, [first(), open])
  const short = at(shop({ grace_days: 0.5 }), 45)
  const due = later(before, short)
  expect(due).toMatchObject({ desired: 'running', money_due_at: iso(45) })
  expect(asked(short, due, { ...late, version: 4 }, [first(), open]).desired).toBe('suspended')
  const paid = { ...late, version: 4, status: 'active', paid_from: iso(30), paid_until: iso(60) } as const
  expect(asked(short, due, paid, [first(), renewal({ version: 3 })]).desired).toBe('running')
})

test('a full refund was kept, and the policy ends for it by now: Stripe is asked again', () => {
  const refunded = first({ version: 2, refunded: 999 })
  const keep = shop({ full_refund: 'keep' })
  const before = asked(at(keep, 2), bought(at(keep, 1), sub(), refunded), sub({ version: 2 }), [refunded])
  expect(before.desired).toBe('running')
  const due = later(before, at(shop(), 20))
  expect(due).toMatchObject({ desired: 'running', money_due_at: iso(20) })
  expect(asked(at(shop(), 20), due, sub({ version: 3 }), [refunded]).desired).toBe('suspended')
})

test('the subscription was cancelled for an invoice in a paid month: Stripe is asked once the month is over, for it may be paid', () => {
  const rules = shop()
  const ended = sub({ version: 2, status: 'canceled', ended_reason: 'payment_failed', ended_at: iso(12) })
  const over = bought(at(rules, 12), ended)
  expect(over.desired).toBe('running')
  const due = later(over, at(rules, 30.01))
  expect(due).toMatchObject({ desired: 'running', money_due_at: iso(30.01) })
  expect(asked(at(rules, 30.01), due, { ...ended, version: 3 }, [first()]).desired).toBe('suspended')
  const paid = renewal({ paid_at: iso(20) })
  expect(asked(at(rules, 30.01), due, { ...ended, version: 3 }, [first(), paid]).desired).toBe('running')
})

test('somebody asked for the end: Stripe is asked whether another subscription replaced it, and its server stops at once', () => {
  const ended = sub({
    version: 2,
    status: 'canceled',
    ended_reason: 'cancellation_requested',
    ended_at: iso(12),
  })
  const rules = at(shop(), 12)
  const reported = bought(rules, ended)
  expect(reported).toMatchObject({ desired: 'running', money_due_at: iso(12) })
  expect(asked(rules, reported, ended).desired).toBe('suspended')
})
