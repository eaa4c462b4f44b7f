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

const hex = 'a3f1c07e59d2b84613f0a7c5e92d4b68'

test.each([
  `whsec_${hex}`,
  `whsec_${hex}${hex}`,
  'whsec_wRNftLajMZNeslQOP6vEPm4iVx5NlZ6z',
  `whsec_${hex}, whsec_wRNftLajMZNeslQOP6vEPm4iVx5NlZ6z`,
])('%s signs webhooks', (given) => {
  expect(envSchema.shape.STRIPE_WEBHOOK_SECRET.safeParse(given).success).toBe(true)
})

test.each([
  '',
  'whsec_',
  'whsec_1',
  hex,
  `sk_test_${hex}`,
  'whsec_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  'whsec_xxxxxxxxxxxxxxxxxxxxxxxxabcdefgh',
  'whsec_your_webhook_signing_secret',
  `whsec_${hex},`,
  `whsec_${hex},whsec_1`,
])('%j is refused as a signing secret, and not repeated', (given) => {
  const error = envSchema.shape.STRIPE_WEBHOOK_SECRET.safeParse(given).error
  expect(error?.message).toContain('whsec_ and 24 characters')
  if (given.length > 8) expect(error?.message).not.toContain(given)
})

test.each([
  [`sk_live_${hex}`, true],
  ['rk_test_51HxAbCdEfGhIjKl', true],
  ['sk_test_4eC39HqLyjWDarjtT1zdp7dc', false],
  ['sk_test_your_secret_key', false],
  ['sk_live_...', false],
  ['pk_live_51HxAbCdEfGhIjKl', false],
])('%s is a key of an account: %s', (key, isOne) => {
  expect(envSchema.shape.STRIPE_SECRET_KEY.safeParse(key).success).toBe(isOne)
})
