import type { Payment, Subscription } from '@spawnpoint/contracts'
import { describe, expect, test } from 'vitest'
import {
  at,
  bought,
  days,
  first,
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

// The renewal of day 30 fails, and the seller has its price paid by another invoice of the subscription.

const rules = shop()
const failed = renewal({ status: 'failed', invoice_status: 'open', attempts: 1 })
const byHand = (changes: Partial<Payment> = {}) =>
  payment({ ...of, payment_id: 'in_hand', kind: 'change', lines: [], paid_at: iso(31), ...changes })
const state = (until: number, changes: Partial<Subscription> = {}) =>
  sub({
    ...{ version: 2, status: 'past_due', current_period_end: iso(until) },
    ...{ items: [item({ current_period_end: iso(until) })], ...changes },
  })

function became(until: number, own: Subscription, all: Payment[]) {
  const order = [own, ...all].reduce((known, fact) => receive(at(rules, 31), known, fact), bought(rules))
  const all6 = days(rules, order, [31, until], { ...own, version: own.version + 1 }, [first(), ...all])
  const { now, firstOf, seen } = all6
  return {
    ...{ suspended: firstOf('suspended'), terminated: firstOf('terminated') },
    about: (now.money.findings ?? []).map(({ about }) => about),
    told: seen.every(({ told }) => told),
  }
}

describe('A renewal that failed, and whose price was paid by hand since its period began,', () => {
  test.each(['past_due', 'unpaid', 'active'] as const)('is told, and suspends nobody: %s', (status) => {
    const now = became(59, state(60, { status }), [failed, byHand()])
    expect(now).toEqual({ suspended: null, terminated: null, about: ['in_2'], told: true })
  })

  test('also once Stripe has ended the subscription for it, until the end of that period', () => {
    const ended = state(60, { status: 'canceled', ended_at: iso(45), ended_reason: 'payment_failed' })
    expect(became(80, ended, [failed, byHand()])).toMatchObject({ suspended: 60, terminated: 67 })
  })

  test('pays for one period: the next one that fails has a grace of its own', () => {
    const next = renewal({
      ...{
        payment_id: 'in_3',
        status: 'failed',
        invoice_status: 'open',
        paid_from: iso(60),
        paid_until: iso(90),
      },
      lines: [line({ start: iso(60), end: iso(90) })],
    })
    expect(became(75, state(90), [failed, next, byHand()])).toMatchObject({ suspended: 63, terminated: 70 })
    const both = [failed, next, byHand(), byHand({ payment_id: 'in_hand2', paid_at: iso(61) })]
    expect(became(89, state(90), both)).toMatchObject({ suspended: null, about: ['in_2', 'in_3'] })
  })

  test.each<[string, Partial<Payment>]>([
    ['a part', { paid: { amount: 500, currency: 'eur' } }],
    ['before its period, as a set-up fee is', { paid_at: iso(29) }],
    ['and went back', { refunded: 999 }],
    ['by an invoice that is open itself', { status: 'failed', invoice_status: 'open' }],
  ])('%s: is not paid', (_, changes) => {
    expect(became(45, state(60), [failed, byHand(changes)])).toMatchObject({ suspended: 33, terminated: 40 })
  })

  test('is the renewal that is paid, once it is marked so', () => {
    const settled = renewal({ version: 2, paid_at: iso(32), collected: 0 })
    const own = state(60, { status: 'active', paid_from: iso(30), paid_until: iso(60) })
    expect(became(59, own, [settled, byHand()])).toMatchObject({ suspended: null, about: [] })
  })
})
