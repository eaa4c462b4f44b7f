import type { PaymentState, ServerStatement, Subscription } from '@spawnpoint/contracts'
import { describe, expect, test } from 'vitest'
import { order, payment } from '../../../test/fixtures.ts'
import { type Order, orderState } from '../order/order.ts'
import { comparePayment, compareServer, compareSubscription, type KnownOrder } from './find-discrepancies.ts'

const charge = {
  paid: { amount: 999, currency: 'eur' },
  discount: 0,
  tax: 0,
  shipping: 0,
  nothing_owed: false,
}

const standingPayment: PaymentState = {
  payment_id: 'cs_1',
  version: 1,
  kind: 'first',
  status: 'succeeded',
  paid: charge.paid,
  refunded: 0,
  refund_pending: 0,
  dispute: null,
  fraud_warning: null,
  paid_until: null,
}

function known(changes: Partial<Order> = {}): KnownOrder {
  const paid = order({
    status: 'provisioned',
    billing_status: 'paid',
    desired: 'running',
    version: 2,
    payment_id: 'cs_1',
    payment_version: 1,
    charge,
    money: { payments: [standingPayment], subscription: null },
    server_version: 3,
    ...changes,
  })
  return { ...orderState(paid), server_version: paid.server_version, findings: [] }
}

function serverState(changes: Partial<ServerStatement> = {}): ServerStatement {
  return {
    order_id: 'o-1',
    version: 3,
    order_version: 2,
    status: 'provisioned',
    desired: 'running',
    error_class: null,
    error_message: null,
    ptero_server_id: 7,
    is_gone: false,
    ...changes,
  }
}

const subscription: Subscription = {
  subscription_id: 'sub_1',
  version: 4,
  status: 'past_due',
  livemode: false,
  order_id: 'o-1',
  stripe_customer_id: null,
  plan: 'small',
  price: { amount: 999, currency: 'eur' },
  interval: 'month',
  current_period_end: null,
  paid_until: null,
  cancel_at: null,
  ended_at: null,
  uncollectible: false,
  note: null,
}

describe('a payment and its order', () => {
  test('agree', () => {
    expect(comparePayment(payment({ order_id: 'o-1' }), 'o-1', known())).toEqual([])
  })

  test.each([
    ['an order that is not there', payment(), null, 'payment_without_order'],
    ['news that the order knows not', payment({ version: 2, refunded: 9 }), known(), 'payment_not_heard'],
    [
      'an order without that payment',
      payment(),
      known({
        payment_id: null,
        billing_status: 'unpaid',
        charge: null,
        money: { payments: [], subscription: null },
      }),
      'payment_not_heard',
    ],
    ['a second first payment', payment({ payment_id: 'cs_2' }), known(), 'paid_twice'],
    [
      'another amount than the order recorded',
      payment({ paid: { amount: 1, currency: 'eur' } }),
      known(),
      'amount_differs',
    ],
    ['another currency', payment({ paid: { amount: 999, currency: 'usd' } }), known(), 'amount_differs'],
  ] as const)('%s', (_, paid, its, kind) => {
    expect(comparePayment(paid, 'o-1', its)).toMatchObject([
      { kind, order_id: 'o-1', payment_id: paid.payment_id },
    ])
  })

  test('refunded payments need no repair', () => {
    const back = payment({ payment_id: 'cs_2', refunded: 900, refund_pending: 99 })
    expect(comparePayment(back, 'o-1', null)).toEqual([])
    expect(comparePayment({ ...back, version: 1 }, 'o-1', known())).toEqual([])
  })

  test('what expired unpaid asks for no order', () => {
    expect(comparePayment(payment({ status: 'expired' }), 'o-1', null)).toEqual([])
  })

  test('a refund needs a person to name the order and the amount that is left', () => {
    const [twice] = comparePayment(payment({ payment_id: 'cs_2', refunded: 99 }), 'o-1', known())
    expect(twice?.confirmation).toBe('refund 900 eur (minor units) of order o-1')
  })
})

describe('a subscription and its order', () => {
  test.each([
    ['an order without that payment', null, 1],
    ['an order that knows an older version', { ...subscription, version: 3 }, 1],
    ['an order that knows it', subscription, 0],
    ['an order that goes by another', { ...subscription, subscription_id: 'sub_2', version: 1 }, 0],
  ])('%s', (_, its, found) => {
    const money = { payments: [], subscription: its }
    expect(compareSubscription(subscription, 'o-1', { ...known(), money })).toHaveLength(found)
  })
})

describe('an order and its server', () => {
  test('agree', () => {
    expect(compareServer(known(), serverState())).toEqual([])
  })

  test.each([
    ['nobody heard of the order', known(), null, 'order_not_heard'],
    [
      'the provisioner has an older version of the order',
      known({ version: 3, desired: 'suspended' }),
      serverState(),
      'order_not_heard',
    ],
    [
      'the server has a newer version than the order recorded',
      known({ server_version: 2 }),
      serverState(),
      'server_not_heard',
    ],
    ['the server is gone from the panel', known(), serverState({ is_gone: true }), 'paid_without_server'],
    ['the server failed', known(), serverState({ status: 'failed' }), 'paid_without_server'],
    [
      'a server that nobody pays for',
      known({ desired: 'terminated', billing_status: 'refunded' }),
      serverState({ desired: 'terminated' }),
      'server_without_payment',
    ],
    [
      'a held order with a server',
      known({ desired: 'none', status: 'error' }),
      serverState({ desired: 'none' }),
      'server_without_payment',
    ],
  ])('%s', (_, its, server, kind) => {
    expect(compareServer(its, server)).toMatchObject([{ kind, order_id: 'o-1' }])
  })

  test.each([
    ['waits for room', known(), serverState({ status: 'waiting', ptero_server_id: null })],
    ['is being installed', known(), serverState({ status: 'provisioning' })],
    [
      'is gone, as it should',
      known({ desired: 'terminated' }),
      serverState({ status: 'terminated', desired: 'terminated' }),
    ],
    ['was never asked for', known({ desired: 'none', billing_status: 'unpaid' }), null],
  ])('nothing differs while it %s', (_, its, server) => {
    expect(compareServer(its, server)).toEqual([])
  })

  test('a server is deleted only when a person names the order and what it paid', () => {
    const [left] = compareServer(known({ desired: 'terminated' }), serverState({ desired: 'terminated' }))
    expect(left?.confirmation).toBe('delete the server of order o-1, which paid 999 eur (minor units)')
  })
})
