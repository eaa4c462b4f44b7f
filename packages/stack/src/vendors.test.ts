import { expect, test } from 'vitest'
import { chooseVendors, isDemo } from './vendors.ts'

const testStripe = { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' }
const liveStripe = { STRIPE_SECRET_KEY: 'sk_live_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' }
const liveRestricted = { STRIPE_SECRET_KEY: 'rk_live_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' }
const panel = { PANEL_URL: 'https://panel.example', PANEL_TOKEN: 'ptla_1' }

test('nothing given: all simulated, and a sale may be shown', () => {
  expect(isDemo(chooseVendors({}))).toBe(true)
})

test.each([
  ['test money and a simulated panel', testStripe],
  ['test money and a real panel', { ...testStripe, ...panel }],
  ['live money and a real panel', { ...liveStripe, ...panel }],
])('%s go together, without a sale of ours', (_, env) => {
  expect(isDemo(chooseVendors(env))).toBe(false)
})

test.each([
  ['live money with a simulated panel', liveStripe, 'real money for servers that do not exist'],
  [
    'live money by a restricted key with a simulated panel',
    liveRestricted,
    'real money for servers that do not exist',
  ],
  ['a real panel with simulated money', panel, 'real servers for nothing'],
])('%s is refused, unless asked for in so many words', (_, env, reason) => {
  expect(() => chooseVendors(env)).toThrow(reason)
  expect(() => chooseVendors({ ...env, SPAWNPOINT_ALLOW_MIXED: 'yes' })).not.toThrow()
  expect(() => chooseVendors({ ...env, SPAWNPOINT_ALLOW_MIXED: '1' })).toThrow(reason)
})

test.each([
  [{ ...testStripe, STRIPE_SECRET_KEY: 'pk_test_1' }, 'must begin with sk_test_'],
  [{ ...testStripe, STRIPE_WEBHOOK_SECRET: 'abc' }, 'must begin with whsec_'],
  [{ ...testStripe, ...panel, PANEL_URL: 'panel.example.com' }, 'such as https://panel.example.com'],
  [{ ...testStripe, ...panel, PANEL_TOKEN: 'ptlc_1' }, 'is a client key'],
])('a value that cannot be right (%o) is refused before anything starts', (env, message) => {
  expect(() => chooseVendors(env)).toThrow(message)
})

test.each([
  [{ STRIPE_SECRET_KEY: 'sk_test_1' }, 'without STRIPE_WEBHOOK_SECRET'],
  [{ STRIPE_WEBHOOK_SECRET: 'whsec_1' }, 'without STRIPE_SECRET_KEY'],
  [{ PANEL_URL: 'https://panel.example' }, 'without PANEL_TOKEN'],
  [{ PANEL_TOKEN: 'ptla_1' }, 'without PANEL_URL'],
])('half of the credentials (%o) is a mistake, not a simulation', (env, message) => {
  expect(() => chooseVendors(env)).toThrow(message)
})
