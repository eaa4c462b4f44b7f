import { describe, expect, test } from 'vitest'
import { order, payment, selling, server, subscription } from '../../../test/fixtures.ts'
import { applyLookup } from '../decisions/apply-lookup.ts'
import { applyPayment } from '../decisions/apply-payment.ts'
import { applyServer } from '../decisions/apply-server.ts'
import { applySubscription } from '../decisions/apply-subscription.ts'
import type { Decision } from '../order/decision.ts'
import type { Order } from '../order/order.ts'
import { defaultPolicy } from '../order/policy.ts'
import { evaluateBilling } from './evaluate-billing.ts'
import { recordRefundCancellation } from './refund-cancellation.ts'

const rules = selling({ small: 999 })
const end = '2026-12-20T00:00:00.000Z'
const first = payment({ payment_id: 'sub_1', subscription_id: 'sub_1', order_id: 'o-1', paid_until: end })
const going = subscription({ current_period_end: end, paid_until: end })
const ending = subscription({ ...going, version: 2, cancel_at: end })

function after(decision: Decision): Order {
  if (decision.kind === 'ignored') throw new Error(`Ignored as ${decision.reason}`)
  return decision.order
}
const receive = (before: Order, changes: Partial<typeof first>) =>
  after(applyPayment(before, { ...first, ...changes }, rules))
const subscribed = (before: Order, changes: Partial<typeof going>) =>
  after(applySubscription(before, { ...ending, ...changes }, rules))
const evaluated = (of: Order) => evaluateBilling(of, { policy: defaultPolicy, now: rules.now })

/** Refunded in full, and its subscription told to end for that. */
function endedForRefund(): Order {
  const paid = after(applySubscription(receive(order(), {}), going, rules))
  const refunded = receive(after(applyServer(paid, server(), rules)), { version: 2, refunded: 999 })
  const answered = applyLookup(refunded, { subscription: ending, payments: [] }, rules)
  return recordRefundCancellation(answered, rules.now)
}
const failed = { version: 3, refunded: 0 }

describe('A refund that fails after it has ended the subscription', () => {
  test('lets the subscription go on', () => {
    expect(evaluated(endedForRefund()).keepsSubscription).toBe(false)
    const { keepsSubscription, order: resumed } = evaluated(receive(endedForRefund(), failed))
    expect(keepsSubscription).toBe(true)
    expect(resumed).toMatchObject({ desired: 'running', money_due_at: rules.now.toISOString() })
  })

  test('and is retried, or fails in part only, decides by what is left', () => {
    const pending = receive(endedForRefund(), { ...failed, refund_pending: 999 })
    expect(evaluated(pending).keepsSubscription).toBe(false)
    expect(evaluated(receive(pending, { version: 4, refunded: 500 })).keepsSubscription).toBe(true)
  })

  test('changes nothing where the bank took the money, or the seller ended the order', () => {
    const lost = receive(endedForRefund(), { ...failed, dispute: 'lost' })
    expect(evaluated(lost).keepsSubscription).toBe(false)
    const over = { ...receive(endedForRefund(), failed), wanted: 'suspended' as const }
    expect(evaluated(over).keepsSubscription).toBe(false)
  })

  test('leaves an end that anybody else has set', () => {
    const other = subscribed(endedForRefund(), { version: 3, cancel_at: '2026-12-15T00:00:00.000Z' })
    expect(evaluated(receive(other, failed)).keepsSubscription).toBe(false)
    // The customer cancels again to the same day once it was to go on.
    const again = subscribed(subscribed(endedForRefund(), { version: 3, cancel_at: null }), { version: 4 })
    expect(again.money).toMatchObject({ subscription: { cancel_at: end } })
    expect(evaluated(receive(again, failed)).keepsSubscription).toBe(false)
  })

  test('leaves a cancellation of the customer’s own', () => {
    const paid = after(applySubscription(receive(order(), {}), ending, rules))
    const refunded = receive(after(applyServer(paid, server(), rules)), { version: 2, refunded: 999 })
    expect(evaluated(receive(refunded, failed)).keepsSubscription).toBe(false)
  })

  test('comes after the end: what has ended stays ended', () => {
    const over = subscribed(endedForRefund(), { version: 3, status: 'canceled', ended_at: end })
    expect(evaluated(receive(over, failed)).keepsSubscription).toBe(false)
  })

  test('is undone by the seller, and the subscription is not told to end again for the same refund', () => {
    const asked = (before: Order, version: number) => {
      const answer = { subscription: { ...going, version }, payments: [] }
      return evaluated(applyLookup(before, answer, rules))
    }
    const undone = subscribed(endedForRefund(), { version: 3, cancel_at: null })
    expect(undone).toMatchObject({ desired: 'suspended', money: { refund_cancellation: { undone: true } } })
    expect(asked(undone, 4)).toMatchObject({ endsSubscription: false, mustAsk: false })
    // Another refund is another decision.
    const kept = evaluated(receive(undone, failed)).order
    expect(kept.money).not.toHaveProperty('refund_cancellation')
    const again = evaluated(receive(kept, { version: 4, refunded: 999 })).order
    expect(asked(again, 5)).toMatchObject({ endsSubscription: true })
  })

  describe('once the order has ended', () => {
    const over = { ...endedForRefund(), desired: 'terminated' } as const
    const told = (before: Order, changes: Partial<typeof first>) =>
      applyPayment(before, { ...first, ...changes }, rules)

    test('alarms: its customer has neither the money nor a server', () => {
      expect(told(over, failed)).toMatchObject({
        ...{ alarm: 'paid_after_end', order: { desired: 'terminated' } },
        note: 'A refund of sub_1 (9.99 EUR) failed after it had ended: pay it back in another way',
      })
    })

    test.each([
      ['that is on its way', over, { version: 3, refunded: 0, refund_pending: 999 }],
      ['of more', over, { version: 3, refunded: 999, dispute: 'won' as const }],
      ['of ours, which the gateway tells of', { ...over, refund_request: {} as never }, failed],
    ])('does not for one %s', (_, before, changes) => {
      expect(told(before, changes)).not.toHaveProperty('alarm')
    })
  })

  const marked = { ...ending, ends_for: 'refund' }

  /** The subscription is told to end, and nobody records it: the service has crashed. */
  function crashed(): Order {
    const paid = after(applySubscription(receive(order(), {}), going, rules))
    const refunded = receive(after(applyServer(paid, server(), rules)), { version: 2, refunded: 999 })
    return after(applySubscription(refunded, marked, rules))
  }

  test('lets it go on also where the service crashed before it recorded the end', () => {
    expect(evaluated(crashed()).keepsSubscription).toBe(false)
    expect(evaluated(receive(crashed(), failed)).keepsSubscription).toBe(true)
  })

  test('leaves a later cancellation of the customer’s to the same day, whether or not ours was recorded', () => {
    const recorded = recordRefundCancellation(crashed(), rules.now)
    expect(recorded.money.refund_cancellation).toMatchObject({ marked: true })
    for (const known of [crashed(), recorded]) {
      const own = after(applySubscription(known, { ...ending, version: 3 }, rules))
      expect(evaluated(receive(own, failed)).keepsSubscription).toBe(false)
    }
  })
})
