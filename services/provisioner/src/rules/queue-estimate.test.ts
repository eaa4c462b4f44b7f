import { expect, test } from 'vitest'
import { expectedInMs } from './queue-estimate.ts'

const windowMs = 60_000

test('what the calls of this window suffice for is created at once, and the rest in the next ones', () => {
  const pace = { callsAMinute: 280, callsLeft: 28, windowEndsInMs: 20_000, windowMs }
  expect(expectedInMs(8, pace)).toBe(1_000)
  expect(expectedInMs(10, pace)).toBe(1_250)
  expect(expectedInMs(11, pace)).toBe(20_125)
  expect(expectedInMs(110, pace)).toBe(32_500)
  expect(expectedInMs(111, pace)).toBe(80_125)
})

test('a window that is over begins anew with all of its calls', () => {
  const pace = { callsAMinute: 280, callsLeft: null, windowEndsInMs: 0, windowMs }
  expect(expectedInMs(100, pace)).toBe(12_500)
  expect(expectedInMs(101, pace)).toBe(60_125)
})

test('a panel without a limit creates as fast as its nodes', () => {
  expect(expectedInMs(80, { callsAMinute: null, callsLeft: null, windowEndsInMs: 0, windowMs })).toBe(10_000)
})
