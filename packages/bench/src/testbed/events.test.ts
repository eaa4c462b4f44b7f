import { readEvent } from '@spawnpoint/contracts'
import { expect, test } from 'vitest'
import { cancelledOrders, failedPayments, paidOrders, payments } from './events.ts'

test.each([
  ['order.paid', paidOrders],
  ['order.changed', cancelledOrders],
  ['payment.succeeded', payments],
  ['payment.failed', failedPayments],
])('%s is what its readers take for it, and about a kilobyte', (type, make) => {
  const json = JSON.stringify(make('test', 1)[0])
  expect(readEvent(json)).toMatchObject({ type })
  expect(json.length).toBeGreaterThan(700)
  expect(json.length).toBeLessThan(1_300)
})

test('two of one load, and of two loads, are different events', () => {
  const ids = [...paidOrders('a', 2), ...paidOrders('b', 2)].map(({ id }) => id)
  expect(new Set(ids).size).toBe(4)
})
