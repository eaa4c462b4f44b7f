import { expect, test } from 'vitest'
import { envSchema } from './env.ts'

const minutes = envSchema.shape.CHECKOUT_MINUTES

test('a checkout stays open for an hour by default, or as configured within the limits of Stripe', () => {
  expect(minutes.parse(undefined)).toBe(60)
  expect(minutes.parse('30')).toBe(30)
  expect(minutes.parse('1440')).toBe(1_440)
})

test.each([
  ['29', 'at least 30 minutes'],
  ['0', 'at least 30 minutes'],
  ['1441', 'at most 24 hours'],
])('%s minutes are refused with what Stripe allows', (given, message) => {
  expect(minutes.safeParse(given).error?.message).toContain(message)
})

test.each([
  ['https://stripe.example.com', true],
  ['http://127.0.0.1:8420', true],
  ['http://localhost:8420', true],
  ['http://stripe.example.com', false],
  ['http://127.0.0.1.example.com', false],
  ['http://10.0.0.5', false],
])('the key goes to %s: %s', (url, isAllowed) => {
  expect(envSchema.shape.STRIPE_API_URL.safeParse(url).success).toBe(isAllowed)
})
