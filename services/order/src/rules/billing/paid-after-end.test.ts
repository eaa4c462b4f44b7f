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
  renewal,
  shop,
  sub,
} from '../../../test/billing-story.ts'

// The renewal of day 30 fails and stays open; on day 33 the subscription ends, and the page of the invoice works on.

const open = renewal({ status: 'failed', invoice_status: 'open', attempts: 4, failure: 'no money' })
const late = (changes: Partial<Subscription> = {}) =>
  sub({ version: 2, status: 'past_due', current_period_end: iso(60), ...changes })
const ended = (ended_reason: string | undefined, changes: Partial<Subscription> = {}) =>
  late({
    ...{ version: 3, status: 'canceled', ended_at: iso(33), ...(ended_reason ? { ended_reason } : {}) },
    ...changes,
  })
const paid = (paid_at: string | null) =>
  renewal({ version: 2, status: 'succeeded', ...(paid_at ? { paid_at } : {}) })
const paidUp = { version: 4, paid_from: iso(30), paid_until: iso(60) }

/** From day 34 on, where the invoice is paid on day 35 by what Stripe reports then; no event arrives. */
function fromDay34(reason: string | undefined, payment: Payment) {
  const order = bought(at(shop(), 32), late(), open)
  const before = days(shop(), order, [33, 35], ended(reason), [first(), open])
  const after = days(shop(), before.now, [35.25, 75], ended(reason, paidUp), [first(), payment])
  return { before, after }
}

describe('an open invoice is paid after its subscription has ended', () => {
  test.each(['cancellation_requested', 'payment_failed', undefined, 'brand_new'])(
    'for the reason %s: the server runs for the period that it pays, and then goes the way of an end',
    (reason) => {
      const { before, after } = fromDay34(reason, paid(iso(35)))
      expect(before.now.desired).toBe('suspended')
      expect(after.firstOf('running')).toBe(35.25)
      expect(after.firstOf('suspended')).toBe(60)
      expect(after.firstOf('terminated')).toBeGreaterThanOrEqual(67)
      expect(after.seen.find(({ warned }) => warned)?.day).toBe(59)
    },
  )

  test('and is looked up every day while the server is suspended: its event may be lost', () => {
    const order = bought(at(shop(), 32), late(), open)
    const { now } = days(shop(), order, [33, 35], ended('cancellation_requested'), [first(), open])
    expect(now).toMatchObject({ desired: 'suspended', money_due_at: iso(36) })
  })

  test('and is refunded again: it is over', () => {
    const back = { ...paid(iso(35)), version: 3, refunded: 999 }
    const { after } = fromDay34('cancellation_requested', back)
    expect(after.firstOf('running')).toBeNull()
  })
})

describe('a subscription ends in a paid month', () => {
  const endsOnDay40 = (reason: string | undefined, payment = paid(iso(30))) => {
    const order = bought(at(shop(), 31), late({ status: 'active', ...paidUp, version: 2 }), payment)
    return asked(at(shop(), 41), order, ended(reason, { ...paidUp, ended_at: iso(40) }), [first(), payment])
  }

  test.each([
    ['cancellation_requested', 'suspended', ['paid_and_suspended']],
    [undefined, 'suspended', ['paid_and_suspended']],
    ['payment_failed', 'running', []],
    ['payment_disputed', 'running', []],
    ['canceled_by_retention_policy', 'running', ['paid_and_suspended']],
    ['brand_new', 'running', ['paid_and_suspended']],
  ])('for the reason %s: %s', (reason, desired, findings) => {
    const order = endsOnDay40(reason)
    expect([order.desired, found(order)]).toEqual([desired, findings])
  })

  test('that somebody asked for, paid nobody knows when: over, and told', () => {
    const order = endsOnDay40('cancellation_requested', paid(null))
    expect([order.desired, found(order)]).toEqual(['suspended', ['paid_and_suspended']])
  })
})

test('a refund that the plan keeps leaves the period paid: the end for an unpaid invoice waits until it is over', () => {
  const rules = shop({ full_refund: 'keep' })
  const refunded = first({ version: 2, refunded: 999 })
  const over = ended('payment_failed', { ended_at: iso(12), current_period_end: iso(30) })
  const order = bought(at(rules, 13), refunded, over)
  const { firstOf } = days(rules, order, [13, 33], { ...over, version: 4 }, [refunded])
  expect(firstOf('suspended')).toBe(30)
})
