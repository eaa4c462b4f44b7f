import { expect, test } from 'vitest'
import { linkPayment } from './link-payment.ts'

test('two payments of one buyer begin two orders', () => {
  const [first, second] = [linkPayment('alex'), linkPayment('alex')]
  expect(first.event.id).not.toBe(second.event.id)
  expect(first.orderId).not.toBe(second.orderId)
})
