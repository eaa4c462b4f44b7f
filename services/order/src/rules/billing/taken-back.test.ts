import type { Payment } from '@spawnpoint/contracts'
import { expect, test } from 'vitest'
import {
  asked,
  at,
  bought,
  days,
  done,
  type Fact,
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
import { order, payment, server } from '../../../test/fixtures.ts'
import { applyPayment } from '../decisions/apply-payment.ts'
import { applyServer } from '../decisions/apply-server.ts'
import type { Order } from '../order/order.ts'

// Money that banks, sellers and subscriptions take back, of another period, of a change, or after the end.

const runsOrTold = (one: Order) => one.desired === 'running' || (one.desired !== 'terminated' && told(one))
test('Stripe cancels the subscription for a dispute of an earlier period (payment_disputed): the paid month runs', () => {
  const rules = shop()
  const disputed = first({ version: 2, dispute: 'open', disputed_at: iso(35), dispute_reason: 'fraudulent' })
  const ended = sub({
    version: 3,
    status: 'canceled',
    ended_reason: 'payment_disputed',
    ended_at: iso(35),
    current_period_end: iso(60),
    paid_from: iso(30),
    paid_until: iso(60),
  })
  const now = receive(
    at(rules, 35),
    bought(at(rules, 31), sub({ version: 2, paid_from: iso(30), paid_until: iso(60) }), renewal(), disputed),
    ended,
  )
  expect(now.paid_until).toBe(iso(60))
  expect({ desired: now.desired, told: told(now) }).not.toEqual({ desired: 'suspended', told: false })
})

test('the bank takes the 3.00 of an upgrade back, the month itself is paid: not deleted', () => {
  const rules = shop()
  const upgrade = (c: Partial<Payment> = {}) =>
    payment({
      ...of,
      payment_id: 'in_up',
      kind: 'change',
      paid: { amount: 300, currency: 'eur' },
      collected: 300,
      paid_until: null,
      lines: [
        line({ proration: true, amount: -900, start: iso(3) }),
        line({ proration: true, amount: 1_200, start: iso(3) }),
      ],
      ...c,
    })
  const lost = upgrade({ version: 2, dispute: 'lost', disputed: { open: 0, lost: 300 }, disputed_at: iso(6) })
  const { firstOf, seen } = days(rules, bought(rules, sub(), upgrade(), lost), [6, 25], sub(), [
    first(),
    lost,
  ])
  expect({
    suspended: firstOf('suspended'),
    terminated: firstOf('terminated'),
    told: seen.some((s) => s.told),
  }).toEqual({ suspended: null, terminated: null, told: true })
})

test.each([
  ['a lost dispute', { dispute: 'lost', disputed_at: iso(35) }],
  ['a returned debit', { returned: true, disputed_at: iso(35) }],
  ['a full refund', { refunded: 999 }],
] as const)(
  '%s, and the customer pays a manual invoice of the same subscription instead: not deleted in silence',
  (_, taken) => {
    const rules = shop()
    const gone = renewal({ version: 2, ...taken })
    const byHand = payment({ ...of, payment_id: 'in_hand', kind: 'change', lines: [], paid_until: null })
    const state = sub({
      version: 2,
      current_period_end: iso(60),
      items: [item({ current_period_end: iso(60) })],
      paid_from: iso(30),
      paid_until: iso(60),
    })
    const { now, firstOf, seen } = days(
      rules,
      bought(at(rules, 36), state, renewal(), gone, byHand),
      [36, 58],
      state,
      [first(), gone, byHand],
    )
    expect({
      terminated: firstOf('terminated'),
      ok: runsOrTold(now),
      told: seen.some((s) => s.told),
    }).toEqual({ terminated: null, ok: true, told: true })
  },
)

test('a debit of a one-off invoice was returned; the renewal is paid by a debit under way: runs', () => {
  const rules = shop()
  const oneOff = payment({
    ...of,
    payment_id: 'in_fee',
    kind: 'change',
    lines: [],
    paid_until: null,
    paid: { amount: 500, currency: 'eur' },
    version: 2,
    returned: true,
    disputed_at: iso(12),
  })
  const state = sub({
    version: 2,
    current_period_end: iso(60),
    items: [item({ current_period_end: iso(60) })],
  })
  const underWay = renewal({
    status: 'pending',
    invoice_status: 'open',
    processing: true,
    paid_until: null,
    paid_from: null,
  })
  const { firstOf } = days(rules, bought(at(rules, 12), sub(), oneOff), [12, 29.75], sub(), [first(), oneOff])
  expect(firstOf('suspended')).toBe(null)
  const later = days(rules, bought(at(rules, 12), sub(), oneOff), [30.25, 44], state, [
    first(),
    oneOff,
    underWay,
  ])
  expect({ suspended: later.firstOf('suspended'), terminated: later.firstOf('terminated') }).toEqual({
    suspended: null,
    terminated: null,
  })
})
test('the same without the one-off runs', () => {
  const rules = shop()
  const state = sub({
    version: 2,
    current_period_end: iso(60),
    items: [item({ current_period_end: iso(60) })],
  })
  const underWay = renewal({
    status: 'pending',
    invoice_status: 'open',
    processing: true,
    paid_until: null,
    paid_from: null,
  })
  const later = days(rules, bought(at(rules, 12), sub()), [30.25, 44], state, [first(), underWay])
  expect(later.firstOf('suspended')).toBe(null)
})

test('a renewal at quantity 0 of a listed Price is told after the quantity is 1 again', () => {
  const rules = shop({}, ['price_small'])
  const free = renewal({
    paid: { amount: 0, currency: 'eur' },
    nothing_owed: true,
    collected: 0,
    lines: [line({ amount: 0, quantity: 0, start: iso(30), end: iso(60) })],
  })
  const state = sub({
    version: 3,
    current_period_end: iso(60),
    items: [item({ current_period_end: iso(60) })],
    paid_from: iso(30),
    paid_until: iso(60),
  })
  const now = asked(at(rules, 33), bought(at(rules, 31), sub(), free, state), state, [first(), free])
  expect(now.paid_until).toBe(iso(60))
  expect(found(now)).not.toEqual([])
})

test('the upgrade is refunded in full and the bigger plan stays: somebody is told', () => {
  const rules = shop()
  const large = sub({
    version: 2,
    plan: 'large',
    items: [item({ plan: 'large', price: 'price_large', amount: 1_999 })],
  })
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
        line({ price: 'price_large', proration: true, amount: 1_800, start: iso(3) }),
      ],
      ...c,
    })
  const now = asked(
    at(rules, 6),
    bought(at(rules, 4), sub(), large, up(), up({ version: 2, refunded: 900 })),
    large,
    [first(), up({ version: 2, refunded: 900 })],
  )
  expect(now.plan).toBe('large')
  expect({ desired: now.desired, told: told(now) }).not.toEqual({ desired: 'running', told: false })
})

test('the same for an add-on of 2.00, added in mid-month: has nothing to do with the plan', () => {
  const rules = shop()
  const state = sub({
    version: 2,
    items: [item(), item({ item: 'si_add', price: 'price_add', plan: null, amount: 300 })],
  })
  const addOn = (c: Partial<Payment> = {}) =>
    payment({
      ...of,
      payment_id: 'in_add',
      kind: 'change',
      paid: { amount: 200, currency: 'eur' },
      collected: 200,
      paid_until: null,
      lines: [line({ item: 'si_add', price: 'price_add', proration: true, amount: 200, start: iso(10) })],
      ...c,
    })
  const lost = addOn({ version: 2, dispute: 'lost', disputed: { open: 0, lost: 200 }, disputed_at: iso(15) })
  const { firstOf } = days(rules, bought(rules, sub(), state, addOn(), lost), [15, 29], state, [
    first(),
    lost,
  ])
  expect({ suspended: firstOf('suspended'), terminated: firstOf('terminated') }).toEqual({
    suspended: null,
    terminated: null,
  })
})

test('a chargeback of month 1 is lost after 75 days, as usual: somebody is told', () => {
  const rules = shop()
  const month = (n: number) =>
    renewal({
      payment_id: `in_${n + 1}`,
      paid_from: iso(30 * n),
      paid_until: iso(30 * n + 30),
      lines: [line({ start: iso(30 * n), end: iso(30 * n + 30) })],
    })
  const state = sub({
    version: 4,
    current_period_end: iso(120),
    items: [item({ current_period_end: iso(120) })],
    paid_from: iso(90),
    paid_until: iso(120),
  })
  const lost = first({ version: 3, dispute: 'lost', disputed: { open: 0, lost: 999 }, disputed_at: iso(20) })
  const before = bought(
    at(rules, 94),
    sub(),
    month(1),
    month(2),
    month(3),
    state,
    first({ version: 2, dispute: 'open', disputed: { open: 999, lost: 0 }, disputed_at: iso(20) }),
  )
  const now = asked(at(rules, 95), receive(at(rules, 95), before, lost), state, [lost, month(3)])
  expect(now.desired).toBe('running')
  expect(found(now)).toEqual(['running_unpaid'])
})

test('a yearly plan of which the bank keeps a part: told for as long as that year runs', () => {
  const rules = shop()
  const part = first({
    version: 2,
    paid_until: iso(365),
    lines: [line({ end: iso(365) })],
    dispute: 'lost',
    disputed: { open: 0, lost: 500 },
    disputed_at: iso(20),
  })
  const state = sub({
    version: 2,
    current_period_end: iso(365),
    items: [item({ current_period_end: iso(365) })],
    paid_until: iso(365),
  })
  const before = bought(at(rules, 90), state, part)
  expect(found(asked(at(rules, 95), before, state, [part]))).toContain('running_unpaid')
})

test('a renewal whose debit was returned, nothing later is paid: no finding says that a later period was', () => {
  const rules = shop()
  const gone = renewal({ version: 2, returned: true, disputed_at: iso(35) })
  const state = sub({
    version: 2,
    current_period_end: iso(60),
    items: [item({ current_period_end: iso(60) })],
  })
  const now = asked(at(rules, 36), bought(at(rules, 36), renewal(), gone, state), state, [first(), gone])
  expect((now.money.findings ?? []).map(({ finding }) => finding).join()).not.toContain(
    'after a later period was paid',
  )
})

test.each([['cancellation_requested'], [undefined], ['payment_disputed']])(
  'cancelled while its renewal is unpaid (%s), the open invoice is paid two days later: runs, or told',
  (reason) => {
    const rules = shop()
    const late = bought(
      rules,
      sub({
        version: 2,
        status: 'past_due',
        current_period_end: iso(60),
        items: [item({ current_period_end: iso(60) })],
      }),
      renewal({
        status: 'failed',
        invoice_status: 'open',
        attempts: 2,
        failure: 'declined',
        paid_until: null,
        paid_from: null,
      }),
    )
    const ended = sub({
      version: 3,
      status: 'canceled',
      ...(reason ? { ended_reason: reason } : {}),
      ended_at: iso(32),
      current_period_end: iso(60),
    })
    const over = receive(at(rules, 32), late, ended)
    const decision = applyPayment(over, renewal({ version: 2 }), at(rules, 34))
    const after = done(decision)
    expect(after.paid_until).toBe(iso(60))
    expect({
      desired: after.desired,
      told: told(after) || (decision.kind === 'apply' && decision.alarm !== undefined),
    }).not.toEqual({ desired: 'suspended', told: false })
  },
)

test('the year is refunded in full, its monthly successor lives on its balance credit: somebody is told', () => {
  const rules = shop()
  const year = (c: Partial<Payment> = {}) =>
    first({
      paid: { amount: 9_990, currency: 'eur' },
      collected: 9_990,
      lines: [line({ item: 'si_y', price: 'price_year', amount: 9_990, end: iso(365) })],
      paid_until: iso(365),
      ...c,
    })
  const month = payment({
    ...of,
    payment_id: 'in_m',
    kind: 'change',
    paid: { amount: 0, currency: 'eur' },
    nothing_owed: true,
    collected: 0,
    paid_from: iso(10),
    paid_until: iso(40),
    lines: [
      line({ start: iso(10), end: iso(40) }),
      line({
        item: 'si_y',
        price: 'price_year',
        amount: -9_700,
        proration: true,
        start: iso(10),
        end: iso(365),
      }),
    ],
  })
  const renewed = (n: number) =>
    payment({
      ...of,
      payment_id: `in_r${n}`,
      kind: 'renewal',
      collected: 0,
      paid_from: iso(10 + 30 * n),
      paid_until: iso(40 + 30 * n),
      lines: [line({ start: iso(10 + 30 * n), end: iso(40 + 30 * n) })],
    })
  const state = sub({
    version: 2,
    current_period_end: iso(70),
    items: [item({ current_period_end: iso(70) })],
    paid_from: iso(40),
    paid_until: iso(70),
  })
  const back = year({ version: 2, refunded: 9_990 })
  const paid = done(applyPayment(order({ price: { amount: 9_990, currency: 'eur' } }), year(), rules))
  const served = done(applyServer(paid, server(), rules))
  const now = [sub(), month, back, renewed(1), state].reduce(
    (o, f) => receive(at(rules, 41), o, f as Fact),
    served,
  )
  const later = asked(at(rules, 41), now, state, [back, month, renewed(1)])
  expect(later.paid_until).toBe(iso(70))
  expect({ desired: later.desired, told: told(later) }).not.toEqual({ desired: 'running', told: false })
})

test('suspended as underpaid (not deleted), then refunded: the retention counts from the refund', () => {
  const rules = shop({ underpaid: 'suspend' })
  const less = (c: Partial<Payment> = {}) =>
    renewal({
      paid: { amount: 500, currency: 'eur' },
      collected: 500,
      lines: [line({ amount: 500, start: iso(30), end: iso(60) })],
      ...c,
    })
  const state = sub({
    version: 2,
    current_period_end: iso(60),
    items: [item({ amount: 500, current_period_end: iso(60) })],
    paid_from: iso(30),
    paid_until: iso(60),
  })
  const low = days(rules, bought(at(rules, 31), sub(), less(), state), [31, 50], state, [first(), less()])
  expect(low.now.desired).toBe('suspended')
  const back = less({ version: 2, refunded: 500 })
  const after = days(rules, receive(at(rules, 50), low.now, back), [50, 60], state, [first(), back])
  expect(after.firstOf('terminated') ?? 99).toBeGreaterThanOrEqual(57)
})

test('a chargeback of month 1 that is open while month 2 runs: somebody is told (the money is gone meanwhile)', () => {
  const rules = shop()
  const state = sub({
    version: 4,
    current_period_end: iso(60),
    items: [item({ current_period_end: iso(60) })],
    paid_from: iso(30),
    paid_until: iso(60),
  })
  const open = first({ version: 2, dispute: 'open', disputed: { open: 999, lost: 0 }, disputed_at: iso(35) })
  const now = asked(at(rules, 36), bought(at(rules, 35), sub(), renewal(), state, open), state, [
    open,
    renewal(),
  ])
  expect(found(now)).toEqual(['running_unpaid'])
})
