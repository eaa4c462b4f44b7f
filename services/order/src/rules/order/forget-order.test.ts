import { forgottenCustomer } from '@spawnpoint/contracts'
import { expect, test } from 'vitest'
import { forgetOrder, whyNotForgettable } from './forget-order.ts'
import { placedOrder } from './order.ts'

const now = new Date('2026-12-01T10:00:00Z')
const later = new Date('2026-12-01T10:30:00Z')

test.each([
  [{ desired: 'running', status: 'provisioned', billing_status: 'paid' }, 'terminate'],
  [{ desired: 'suspended', status: 'suspended', billing_status: 'past_due' }, 'terminate'],
  [{ desired: 'none', status: 'error', billing_status: 'paid' }, 'decide'],
  [{ desired: 'none', status: 'pending', billing_status: 'unpaid' }, 'cancel'],
] as const)('of %o the customer is still needed', (order, next) => {
  expect(whyNotForgettable({ ...order, payableUntil: later }, now)?.next).toContain(next)
})

test.each([
  [{ desired: 'terminated', status: 'terminated', billing_status: 'refunded' }, later],
  [{ desired: 'none', status: 'cancelled', billing_status: 'unpaid' }, later],
  [{ desired: 'none', status: 'pending', billing_status: 'unpaid' }, now],
] as const)('of %o nobody needs the customer any more', (order, payableUntil) => {
  expect(whyNotForgettable({ ...order, payableUntil }, now)).toBeNull()
})

test('what was sold and paid stays, under the next version, and a second time changes nothing', () => {
  const order = placedOrder(
    'o-1',
    {
      plan: 'small',
      region: 'eu',
      customer: { id: 'c-1', email: 'alex@example.com', name: 'Alex' },
      server_name: 'Home',
      environment: { MOTD: 'Alex' },
    },
    { amount: 999, currency: 'eur' },
  )
  const forgotten = forgetOrder(order, (json) => json)
  expect(forgotten).toMatchObject({
    event: 'order.changed',
    order: {
      id: 'o-1',
      version: 2,
      plan: 'small',
      price: order.price,
      customer: forgottenCustomer,
      environment: {},
    },
  })
  expect(JSON.stringify(forgotten)).not.toMatch(/alex|home/i)
  expect(forgotten && forgetOrder(forgotten.order, (json) => json)).toBeNull()
})
