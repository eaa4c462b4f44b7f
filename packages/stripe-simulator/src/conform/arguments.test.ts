import { expect, test } from 'vitest'
import { readArguments } from './arguments.ts'

test('a live key is refused, with the reason', () => {
  for (const key of ['sk_live_1', 'rk_live_1', 'pk_live_1']) {
    expect(readArguments(['--stripe', key], {})).toEqual({ problem: expect.stringContaining('live key') })
  }
})

test('wrong arguments are answered with what is needed', () => {
  expect(readArguments([], {})).toEqual({ problem: expect.stringContaining('--stripe sk_test_') })
  expect(readArguments(['--stripe', 'whsec_1'], {})).toEqual({
    problem: expect.stringContaining('no Stripe test key'),
  })
  expect(readArguments(['--bogus'], {})).toEqual({ problem: expect.stringContaining('--bogus') })
})

test('a test key may come from the environment', () => {
  expect(readArguments(['--json'], { STRIPE_TEST_KEY: 'rk_test_1' })).toEqual({
    key: 'rk_test_1',
    host: null,
    json: true,
    only: null,
  })
})
