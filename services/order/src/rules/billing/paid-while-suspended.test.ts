import { expect, test } from 'vitest'
import {
  at,
  bought,
  days,
  first,
  found,
  iso,
  item,
  receive,
  renewal,
  shop,
  sub,
} from '../../../test/billing-story.ts'

// Stripe gives up the renewal of day 30 and goes on making drafts, which nobody can pay. Known from public reports.

const rules = shop({ retention_days: 40 })
const unpaid = (version: number, until: number) =>
  sub({
    ...{ version, status: 'unpaid', current_period_end: iso(until) },
    items: [item({ current_period_end: iso(until) })],
  })
const open = renewal({ status: 'failed', invoice_status: 'open', attempts: 4 })
const paid = renewal({ version: 3, paid_at: iso(62) })
const start = bought(at(rules, 44), unpaid(2, 60), open)
const { now: suspended } = days(rules, start, [44, 61], unpaid(3, 60), [first(), open])

test('who pays the open invoice once the next period has begun stays suspended, and a person is told why', () => {
  expect(suspended).toMatchObject({ desired: 'suspended' })
  expect(found(suspended)).toEqual([])
  const after = receive(at(rules, 62), receive(at(rules, 60), suspended, unpaid(4, 90)), paid)
  const { seen, now } = days(rules, after, [62, 84], unpaid(5, 90), [first(), paid])
  expect(seen.filter(({ desired, told }) => desired !== 'running' && !told)).toEqual([])
  expect(now.money.findings).toMatchObject([
    {
      kind: 'paid_and_suspended',
      finding: expect.stringContaining('Invoice in_2 (9.99 EUR) was paid late'),
    },
  ])
})

test('also where it was looked up last before that, and is suspended anew', () => {
  const long = bought(at(rules, 44), unpaid(2, 60), open)
  const { now: early } = days(rules, long, [44, 45], unpaid(3, 60), [first(), open])
  const after = receive(at(rules, 62), receive(at(rules, 62), early, unpaid(4, 90)), paid)
  // It does not resume for the moment until Stripe is asked.
  expect(after).toMatchObject({ desired: 'suspended', money_due_at: iso(62) })
  const { now } = days(rules, after, [62, 63], unpaid(5, 90), [first(), paid])
  expect({ desired: now.desired, found: found(now) }).toEqual({
    ...{ desired: 'suspended', found: ['paid_and_suspended'] },
  })
})

test('and runs, with nothing to tell, once Stripe has made the subscription active', () => {
  const active = sub({ ...unpaid(6, 60), status: 'active', paid_from: iso(30), paid_until: iso(60) })
  const { now } = days(rules, receive(at(rules, 50), suspended, paid), [50, 50.25], active, [first(), paid])
  expect({ desired: now.desired, found: found(now) }).toEqual({ desired: 'running', found: [] })
})
