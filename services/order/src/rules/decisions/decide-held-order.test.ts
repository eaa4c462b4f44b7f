import { describe, expect, test } from 'vitest'
import { order, payment, selling, server } from '../../../test/fixtures.ts'
import type { Decision, Rules } from '../order/decision.ts'
import type { Order } from '../order/order.ts'
import { applyPayment } from './apply-payment.ts'
import { applyServer } from './apply-server.ts'
import { beginOrder } from './begin-order.ts'
import { type Correction, decideHeldOrder } from './decide-held-order.ts'

const request = { plan: 'small', region: 'eu', server_name: 'Home' }
const held = (changes: object) => after(beginOrder('o-1', payment({ ...request, ...changes }), shop({})))
const paid = after(applyPayment(order(), payment()))
const failed = after(applyServer(paid, server({ status: 'failed', error_message: 'No such egg' })))

describe('is paid and wants its server', () => {
  test.each<[string, Order, Correction, Rules]>([
    ['its plan is sold now', held({ plan: 'medium' }), {}, shop({ medium: 999 })],
    ['it is given a plan of its price', held({ plan: 'medium' }), { plan: 'small' }, shop({})],
    ['its region is there now', held({ region: 'us' }), {}, shop({}, 'us')],
    ['it is given a region', held({ region: 'us' }), { region: 'eu' }, shop({})],
    [
      'it is given an e-mail address',
      held({ customer_email: 'a@' }),
      { customer_email: 'b@example.com' },
      shop({}),
    ],
    ['its old price is back', held({ paid: { amount: 500, currency: 'eur' } }), {}, shop({ small: 500 })],
  ])('when %s', (_, before, correction, rules) => {
    expect(before).toMatchObject({ status: 'error', desired: 'none' })
    expect(decideHeldOrder(before, correction, rules)).toMatchObject({
      event: 'order.paid',
      order: {
        ...corrected(correction),
        status: 'paid',
        desired: 'running',
        version: 2,
        error_message: null,
      },
    })
  })

  test('with another name and environment, though its plan costs more by now', () => {
    const correction = { server_name: 'Castle', environment: { EULA: '1' } }
    expect(decideHeldOrder(failed, correction, shop({ small: 1299 }))).toMatchObject({
      event: 'order.changed',
      note: 'Decided again with another server_name, environment',
      order: { ...correction, status: 'error', desired: 'running', version: 3, price: { amount: 999 } },
    })
  })
})

describe('paid once for a plan by the month', () => {
  const rules = shop({ prize: 999 })
  const small = rules.catalogue.plans.get('small')
  if (small) rules.catalogue.plans.set('small', { ...small, interval: 'month' })
  const once = after(beginOrder('o-1', payment(request), rules))

  test('is still held: nothing would charge for it again', () => {
    expect(decideHeldOrder(once, {}, rules)).toMatchObject({
      code: 'still_held',
      why: expect.stringContaining('Paid once for the plan "small", which is paid by the month'),
    })
  })

  test('is accepted with a reason, or on a plan that is paid once', () => {
    const accepted = decideHeldOrder(once, { accept_amount: true, reason: 'A prize' }, rules)
    expect(accepted).toMatchObject({ order: { desired: 'running' }, note: 'Amount accepted: A prize' })
    expect(decideHeldOrder(once, { plan: 'prize' }, rules)).toMatchObject({
      order: { desired: 'running', plan: 'prize' },
    })
  })
})

describe('is still held, with the reason', () => {
  test.each<[string, Order, Correction, Rules]>([
    ['There is no plan "medium".', held({ plan: 'medium' }), {}, shop({})],
    ['There is no region "us".', held({ region: 'us' }), {}, shop({})],
    ['Its customer has no e-mail address that can be used.', held({ customer_email: null }), {}, shop({})],
    [
      expect.stringContaining('Paid 9.99 EUR where the plan costs 19.99 EUR.'),
      held({ plan: 'large' }),
      {},
      shop({ large: 1999 }),
    ],
    [
      expect.stringContaining('Paid 0.01 EUR where the plan costs 9.99 EUR.'),
      after(applyPayment(order(), payment({ paid: { amount: 1, currency: 'eur' } }))),
      {},
      shop({}),
    ],
    [
      expect.stringContaining('Paid 9.99 EUR where the plan costs 19.99 EUR.'),
      failed,
      { plan: 'large' },
      shop({ large: 1999 }),
    ],
    [
      'Nobody wrote down what was paid for it.',
      { ...held({ region: 'us' }), charge: null },
      {},
      shop({}, 'us'),
    ],
  ])('%s', (why, before, correction, rules) => {
    expect(decideHeldOrder(before, correction, rules)).toEqual({ kind: 'held', code: 'still_held', why })
  })

  test('an order that is not paid, or not in error, is none of this', () => {
    const cancelled = after(applyPayment(order(), payment({ status: 'failed' })))
    for (const before of [order(), cancelled, paid, after(applyServer(paid, server()))])
      expect(decideHeldOrder(before, {}, shop({}))).toMatchObject({ kind: 'held', code: 'order_not_held' })
  })
})

function corrected({ customer_email, ...request }: Correction): object {
  return customer_email ? { ...request, customer: { email: customer_email } } : request
}

function shop(prices: Record<string, number>, ...regions: string[]): Rules {
  return selling({ small: 999, ...prices }, { regions: ['eu', ...regions] })
}

function after(decision: Decision): Order {
  if (decision.kind === 'ignored') throw new Error(`Ignored as ${decision.reason}`)
  return decision.order
}
