import { expect, test } from 'vitest'
import { firstPollDelayMs, pollDelayMs, retryDelayMs, roomDelayMs } from './backoff.ts'

test('an install is polled after 1, 2, 4, 8 and then every 15 s', () => {
  expect([0, 500, 2_000, 4_000, 8_000, 60_000].map((ms) => pollDelayMs(ms, null))).toEqual([
    1_000, 1_000, 2_000, 4_000, 8_000, 15_000,
  ])
})

test('an install is polled when others of its egg were over, and more often from then on', () => {
  expect([0, 4_000, 11_500, 12_000, 24_000, 400_000].map((ms) => pollDelayMs(ms, 12_000))).toEqual([
    12_000, 8_000, 500, 1_500, 3_000, 15_000,
  ])
  expect([null, 900, 2_000, 90_000].map(firstPollDelayMs)).toEqual(['keep', 'keep', 2_000, 15_000])
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
