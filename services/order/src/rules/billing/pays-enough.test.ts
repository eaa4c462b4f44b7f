import type { Subscription } from '@spawnpoint/contracts'
import { describe, expect, test } from 'vitest'
import {
  at,
  bought,
  days,
  first,
  found,
  iso,
  item,
  line,
  of,
  renewal,
  shop,
  sub,
} from '../../../test/billing-story.ts'
import { payment } from '../../../test/fixtures.ts'

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
