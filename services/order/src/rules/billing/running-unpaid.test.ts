import type { Payment, Subscription } from '@spawnpoint/contracts'
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
} from '../../../test/billing-story.ts'
import { payment } from '../../../test/fixtures.ts'

const rules = shop()
const state = (until: number, changes: Partial<Subscription> = {}) =>
  sub({
    ...{ version: 2, current_period_end: iso(until), items: [item({ current_period_end: iso(until) })] },
    ...changes,
  })

test.each(['active', 'past_due', 'unpaid'] as const)(
  'the renewal of a subscription that is %s is voided: until what is owed next begins, its server runs and that is told',
  (status) => {
    const voided = renewal({ status: 'failed', invoice_status: 'void', attempts: 4 })
    const known = state(60, { status })
    const order = receive(at(rules, 31), bought(at(rules, 30.1), known), voided)
    const { seen, firstOf } = days(rules, order, [31, 59], { ...known, version: 3 }, [first(), voided])
    expect(firstOf('suspended')).toBeNull()
    expect(seen.every(({ told }) => told)).toBe(true)
    // Nothing else asks Stripe again: the clock does.
    expect(order.money_due_at).toBe(iso(31))
  },
)

test.each<[string, Partial<Payment>, string[]]>([
  ['one-off invoice', { kind: 'change', lines: [], paid_until: null }, ['running_unpaid']],
  ['invoice of the period', { kind: 'renewal', paid_from: iso(90), paid_until: iso(120) }, []],
])('collection is paused, and an open %s is not due yet', (_, changes, kinds) => {
  const paused = state(120, { pause_collection: { behavior: 'void', resumes_at: null } })
  const open = payment({
    ...{ ...of, payment_id: 'in_open', status: 'pending', invoice_status: 'open', due_at: iso(150) },
    ...changes,
  })
  const order = bought(at(rules, 92), paused, open)
  expect(found(asked(at(rules, 95), order, { ...paused, version: 3 }, [first(), open]))).toEqual(kinds)
})

test.each([0, 0.1, 3])(
  'with %s days of grace, nobody is told in the hour in which the renewal is a draft',
  (grace_days) => {
    const early = shop({ grace_days })
    const before = bought(at(early, 29), state(30))
    const known = state(60, { version: 3, paid_from: iso(0), paid_until: iso(30) })
    const draft = asked(at(early, 30.02), before, known, [first()])
    expect(found(draft)).toEqual([])
    const later = asked(at(early, 30.1), draft, { ...known, version: 4 }, [first()])
    expect(found(later)).toEqual(['running_unpaid'])
  },
)

test('A sent invoice that was given up stays told of while the next one is not due yet', () => {
  const sent = { ...of, kind: 'renewal', paid_at: null } as const
  const given = payment({
    ...{ ...sent, payment_id: 'in_2', status: 'failed', invoice_status: 'uncollectible', due_at: iso(37) },
    ...{ lines: [line({ start: iso(30), end: iso(60) })], paid_from: null, paid_until: iso(60) },
  })
  const open = payment({
    ...{ ...sent, payment_id: 'in_3', status: 'pending', invoice_status: 'open', due_at: iso(67) },
    ...{ lines: [line({ start: iso(60), end: iso(90) })], paid_from: null, paid_until: iso(90) },
  })
  const known = state(90, { version: 3, paid_from: iso(0), paid_until: iso(30) })
  const order = bought(at(shop(), 61), known, given, open)
  expect(found(asked(at(shop(), 61), order, { ...known, version: 4 }, [first(), given, open]))).toEqual([
    'running_unpaid',
  ])
})
