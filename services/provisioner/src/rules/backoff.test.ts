import { expect, test } from 'vitest'
import { pollDelayMs, retryDelayMs, roomDelayMs } from './backoff.ts'

test('an install is polled after 1, 2, 4, 8 and then every 15 s', () => {
  expect([0, 500, 2_000, 4_000, 8_000, 60_000].map(pollDelayMs)).toEqual([
    1_000, 1_000, 2_000, 4_000, 8_000, 15_000,
  ])
})

test('failures are retried with increasing delays, five minutes at most', () => {
  expect([0, 1, 2, 8, 9, 1_000].map((attempts) => retryDelayMs(attempts, 0))).toEqual([
    1_000, 2_000, 4_000, 256_000, 300_000, 300_000,
  ])
  expect(retryDelayMs(0, 1)).toBe(1_250)
})

test('capacity is checked at least every 30 s', () => {
  expect(roomDelayMs(50, 1)).toBe(30_000)
})
