import { orderSchema } from '@spawnpoint/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { payment, selling } from '../../../test/fixtures.ts'
import type { Rules } from '../order/decision.ts'
import { orderState } from '../order/order.ts'
import { beginOrder } from './begin-order.ts'

const shop = (...regions: string[]): Rules => selling({ small: 999 }, { regions })
const request = { plan: 'small', region: 'eu', server_name: 'Home' }

test('a payment that names a plan and a region begins an order that is paid', () => {
  expect(beginOrder('o-1', payment(request), shop('eu', 'us'))).toMatchObject({
    event: 'order.paid',
    order: { id: 'o-1', status: 'paid', desired: 'running', version: 1, server_name: 'Home' },
  })
})

test('where there is one region, it need not be named', () => {
  expect(beginOrder('o-1', payment({ ...request, region: null }), shop('eu'))).toMatchObject({
    order: { status: 'paid', region: 'eu' },
  })
})

test.each([
  ['Paid for the unknown plan "huge": held', { plan: 'huge' }],
  ['Paid for the unknown plan (none): held', { plan: null }],
  ['Paid for the unknown region "mars": held', { region: 'mars' }],
  ['Paid for the unknown region (none): held', { region: null }],
  ['Paid without an e-mail address that can be used: (none): held', { customer_email: null }],
  ['Paid without an e-mail address that can be used: "nobody": held', { customer_email: 'nobody' }],
  [
    'Paid 0.01 EUR where the order costs 9.99 EUR: held, nothing is provisioned',
    { paid: { amount: 1, currency: 'eur' } },
  ],
])('what cannot be provisioned is held visibly: %s', (why, changes) => {
  expect(beginOrder('o-1', payment({ ...request, ...changes }), shop('eu', 'us'))).toMatchObject({
    event: 'order.changed',
    order: { status: 'error', billing_status: 'paid', desired: 'none', error_message: why },
  })
})

test('what is paid once is no month for ever: it is held', () => {
  const rules = shop('eu')
  const small = rules.catalogue.plans.get('small')
  if (small) rules.catalogue.plans.set('small', { ...small, interval: 'month' })
  expect(beginOrder('o-1', payment(request), rules)).toMatchObject({
    order: {
      desired: 'none',
      error_message: 'Paid once for the plan small, which is paid by the month: held',
    },
  })
  expect(beginOrder('o-1', payment({ ...request, subscription_id: 'sub_1' }), rules)).toMatchObject({
    order: { desired: 'running' },
  })
})

test('names of spaces are as good as none, and no name ends in half a character', () => {
  const named = (changes: object) => beginOrder('o-1', payment({ ...request, ...changes }), shop('eu'))
  expect(named({ server_name: '   ', customer_name: ' ' })).toMatchObject({
    order: { server_name: 'small server', customer: { name: 'a@example.com' } },
  })
  expect(named({ server_name: ' Home ' })).toMatchObject({ order: { server_name: 'Home' } })
  expect(named({ server_name: `${'x'.repeat(190)}😀` })).toMatchObject({
    order: { server_name: `${'x'.repeat(190)}\ufffd` },
  })
})

test('a payment without money begins nothing', () => {
  for (const status of ['pending', 'failed', 'expired'] as const)
    expect(beginOrder('o-1', payment({ ...request, status }), shop('eu'))).toEqual({
      kind: 'ignored',
      reason: 'no_order_began',
    })
})

test('whatever Stripe reports of the buyer and the request, others can read the order', () => {
  const text = (maxLength: number) => fc.option(fc.string({ maxLength, unit: 'grapheme' }))
  const inputs = fc.record({
    plan: fc.oneof(fc.constant('small'), text(191)),
    region: fc.oneof(fc.constant('eu'), text(191)),
    server_name: text(191),
    customer_name: text(320),
    customer_email: fc.oneof(fc.emailAddress(), text(320)),
  })
  const units = (value: string | null) => value?.slice(0, 191) ?? null
  fc.assert(
    fc.property(inputs, ({ plan, region, ...buyer }) => {
      const asked = payment({ ...buyer, plan: units(plan), region: units(region) })
      const decision = beginOrder('o-1', asked, shop('eu'))
      if (decision.kind === 'ignored') throw new Error(decision.reason)
      orderSchema.parse(orderState(decision.order))
    }),
  )
})
