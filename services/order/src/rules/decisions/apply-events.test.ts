import { orderSchema } from '@spawnpoint/contracts'
import { describe, expect, test } from 'vitest'
import { order, payment, server } from '../../../test/fixtures.ts'
import type { Decision } from '../order/decision.ts'
import { formatMoney } from '../order/format-money.ts'
import { type Order, orderState } from '../order/order.ts'
import { applyPayment } from './apply-payment.ts'
import { applyServer } from './apply-server.ts'

const paid = after(applyPayment(order(), payment()))
const wrong = payment({ paid: { amount: 1, currency: 'eur' } })
const held = after(applyPayment(order(), wrong))
const failed = payment({ status: 'failed', failure: 'Card declined' })

describe('money', () => {
  test('in full makes the order paid, wants a server and is published', () => {
    expect(applyPayment(order(), payment())).toMatchObject({
      event: 'order.paid',
      order: { status: 'paid', billing_status: 'paid', desired: 'running', version: 2, payment_id: 'cs_1' },
    })
  })

  test('of another amount or currency holds the order, and no server is wanted', () => {
    for (const paid of [
      { amount: 998, currency: 'eur' },
      { amount: 999, currency: 'usd' },
    ]) {
      const decision = applyPayment(order(), payment({ paid }))
      expect(decision).toMatchObject({ event: 'order.changed', order: { status: 'error', desired: 'none' } })
      expect(after(decision).error_message).toBe(
        `Paid ${formatMoney(paid)} where the order costs 9.99 EUR: held, nothing is provisioned`,
      )
    }
  })

  test('that failed or never came cancels an order that waits for it, in words', () => {
    expect(after(applyPayment(order(), failed))).toMatchObject({
      status: 'cancelled',
      billing_status: 'unpaid',
      error_message: 'Card declined',
    })
    expect(after(applyPayment(order(), payment({ status: 'expired' }))).error_message).toBe(
      'The checkout expired unpaid',
    )
    expect(after(applyPayment(order(), payment({ status: 'failed' }))).error_message).toBe(
      'The payment failed',
    )
  })

  test('that failed in another checkout than the open one does not cancel the order', () => {
    const sent = order({ checkout_session_id: 'cs_open' })
    for (const status of ['failed', 'expired'] as const) {
      expect(applyPayment(sent, payment({ status, payment_id: 'cs_other' }))).toEqual({
        kind: 'ignored',
        reason: 'another_checkout',
      })
      expect(after(applyPayment(sent, payment({ status, payment_id: 'cs_open' }))).status).toBe('cancelled')
    }
    expect(after(applyPayment(sent, payment({ payment_id: 'cs_other' }))).status).toBe('paid')
  })

  test('that comes in after a failure revives the order', () => {
    const cancelled = after(applyPayment(order(), failed))
    expect(after(applyPayment(cancelled, payment({ version: 2 })))).toMatchObject({
      status: 'paid',
      error_message: null,
    })
  })

  test('in full lifts a hold, and the earlier payment is named for a refund', () => {
    const decision = applyPayment(held, payment({ payment_id: 'cs_2' }))
    expect(decision).toMatchObject({
      event: 'order.paid',
      note: 'Paid in full by cs_2: refund cs_1',
      alarm: 'paid_twice',
    })
    expect(after(decision)).toMatchObject({ status: 'paid', desired: 'running', error_message: null })
  })

  test('that comes once more changes nothing but is named for a refund', () => {
    for (const [before, more] of [
      [paid, payment({ payment_id: 'cs_2' })],
      [held, payment({ payment_id: 'cs_2', paid: { amount: 2, currency: 'eur' } })],
    ] as const)
      expect(applyPayment(before, more)).toEqual({
        kind: 'apply',
        event: null,
        order: { ...before, money: expect.anything() },
        note: `Paid ${formatMoney(more.paid)} once more by cs_2: refund it`,
        alarm: 'paid_twice',
      })
  })

  test('that is under way leaves the order unpaid, and is published once', () => {
    const decision = applyPayment(order(), payment({ status: 'pending' }))
    expect(decision).toMatchObject({
      event: 'order.changed',
      order: { status: 'pending', payment_id: 'cs_1' },
    })
    expect(after(decision)).toMatchObject({ billing_status: 'unpaid', desired: 'none', version: 2 })
  })

  test.each([
    ['older_payment_version', paid, payment()],
    ['older_payment_version', after(applyPayment(order(), { ...failed, version: 2 })), failed],
    ['payment_pending', paid, payment({ payment_id: 'cs_2', status: 'pending' })],
    [
      'payment_pending',
      after(applyPayment(order(), failed)),
      payment({ payment_id: 'cs_2', status: 'pending' }),
    ],
    ['order_not_pending', paid, { ...failed, version: 2 }],
    ['order_not_pending', held, { ...failed, payment_id: 'cs_2' }],
    ['order_not_pending', after(applyPayment(order(), failed)), { ...failed, payment_id: 'cs_2' }],
  ])('is ignored as %s', (reason, before, news) => {
    expect(applyPayment(before, news)).toEqual({ kind: 'ignored', reason })
  })
})

test('that repeats in a newer version is recorded in that version, and not published', () => {
  for (const before of [paid, held]) {
    const decision = applyPayment(before, payment({ version: 3 }))
    expect(decision).toMatchObject({ event: null, note: null, order: { version: before.version } })
    expect(applyPayment(after(decision), payment({ version: 2, refunded: 999 }))).toMatchObject({
      reason: 'older_payment_version',
    })
  }
})

describe('the server', () => {
  test.each([
    ['waiting', 'paid'],
    ['provisioning', 'provisioning'],
    ['provisioned', 'provisioned'],
    ['failed', 'error'],
  ] as const)('that is %s makes its paid order %s', (status, orderStatus) => {
    expect(applyServer(paid, server({ status, error_message: 'why' }))).toMatchObject({
      event: null,
      note: 'why',
      order: { status: orderStatus, error_message: 'why', ptero_server_id: 7, version: paid.version },
    })
  })

  test('that recovers clears the error', () => {
    const broken = after(applyServer(paid, server({ status: 'failed', error_message: 'No egg' })))
    expect(after(applyServer(broken, server({ version: 3 })))).toMatchObject({
      status: 'provisioned',
      error_message: null,
    })
  })

  test('that arrives before the payment counts once the payment arrives', () => {
    const early = after(applyServer(order(), server()))
    expect(early).toMatchObject({ status: 'pending', ptero_server_id: 7 })
    expect(after(applyPayment(early, payment()))).toMatchObject({
      status: 'provisioned',
      address: '203.0.113.1:25565',
    })
  })

  test('of a held order changes neither its state nor why it is held', () => {
    expect(after(applyServer(held, server()))).toMatchObject({
      status: 'error',
      error_message: held.error_message,
    })
  })

  test('is ignored when the version is not newer', () => {
    const provisioned = after(applyServer(paid, server()))
    for (const version of [1, 2])
      expect(applyServer(provisioned, server({ version, status: 'failed' }))).toEqual({
        kind: 'ignored',
        reason: 'older_server_version',
      })
  })
})

test('events carry the whole order and nothing internal', () => {
  expect(orderSchema.strict().parse(orderState(paid))).toMatchObject({ order_id: 'o-1', version: 2 })
})

function after(decision: Decision): Order {
  if (decision.kind === 'ignored') throw new Error(`Ignored as ${decision.reason}`)
  return decision.order
}
