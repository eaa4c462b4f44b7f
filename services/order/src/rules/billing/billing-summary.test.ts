import { describe, expect, test } from 'vitest'
import { order, payment, selling, subscription } from '../../../test/fixtures.ts'
import { applyPayment } from '../decisions/apply-payment.ts'
import { applySubscription } from '../decisions/apply-subscription.ts'
import type { Order } from '../order/order.ts'

const now = new Date('2026-11-23T12:00:00Z')
const rules = selling({ small: 999 }, { now })
const month = '2026-12-01T12:00:00Z'
const year = '2027-11-23T12:00:00Z'
const ofIt = { order_id: 'o-1', subscription_id: 'sub_1' }
const first = payment({ ...ofIt, payment_id: 'sub_1', paid_until: month })
const change = (paid_until: string, refunded = 0) =>
  payment({ ...ofIt, payment_id: 'in_change', kind: 'change', paid_until, refunded })

describe('What pays for the present went back', () => {
  test('when a change from months to years did, which was paid for all of the year', () => {
    expect(paying(first, change(year))).toMatchObject({ billing_status: 'paid', paid_until: iso(year) })
    expect(paying(first, change(year, 999))).toMatchObject({
      billing_status: 'refunded',
      // Stripe is asked before anything is done.
      money_due_at: now.toISOString(),
    })
  })

  test('not when a change within the month did', () => {
    expect(paying(first, change(month, 999))).toMatchObject({ billing_status: 'paid', desired: 'running' })
  })
})

test('a renewal by the year and its change to months of the same moment: the month is paid, whichever arrives first', () => {
  const renewed = payment({
    ...ofIt,
    payment_id: 'in_2',
    kind: 'renewal',
    paid_from: month,
    paid_until: year,
  })
  const later = '2027-01-01T12:00:00Z'
  const down = { ...change(later), paid_from: month }
  for (const both of [
    [renewed, down],
    [down, renewed],
  ]) {
    const facts = [first, ...both].reduce(
      (last, each) => applied(last, applyPayment(last, each, rules)),
      order(),
    )
    expect(facts.paid_until).toBe(iso(later))
  }
})

function paying(...payments: ReturnType<typeof payment>[]): Order {
  const until = payments.at(-1)?.paid_until ?? null
  const start = applied(order(), applySubscription(order(), subscription({ paid_until: until }), rules))
  return payments.reduce((last, each) => applied(last, applyPayment(last, each, rules)), start)
}

function applied(before: Order, decision: ReturnType<typeof applyPayment>): Order {
  return decision.kind === 'apply' ? decision.order : before
}

function iso(time: string): string {
  return new Date(time).toISOString()
}
