import { expect, test } from 'vitest'
import { isSilent, type Look } from './watchdog.ts'

const look = (change: Partial<Look> = {}): Look => ({
  pending: 5,
  hasRoom: true,
  received: 7,
  waiting: 0,
  ...change,
})

test('messages for us at both looks, and none received between: silent', () => {
  expect(isSilent(look(), look())).toBe(true)
})

test.each([
  ['something was received', look(), look({ received: 8 })],
  ['nothing was there before', look({ pending: 0 }), look()],
  ['nothing is there any more', look(), look({ pending: 0 })],
  ['we still work at what we have', look(), look({ waiting: 3 })],
  ['as much is under way as may be', look(), look({ hasRoom: false })],
])('%s: not silent', (_, before, now) => {
  expect(isSilent(before, now)).toBe(false)
})
