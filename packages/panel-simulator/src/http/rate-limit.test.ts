import { expect, test } from 'vitest'
import { PanelError } from './errors.ts'
import { createRateLimit } from './rate-limit.ts'

test('the limit is per user, and a new window opens a minute after the first call', () => {
  let now = 1_000_000
  const limit = createRateLimit({ perMinute: () => 2, windowMs: 60_000, now: () => now })

  limit.hit('ada')
  now += 3_500
  limit.hit('ada')
  expect(limit.headers('ada')).toMatchObject({ 'x-ratelimit-remaining': '0' })
  expect(refusal(() => limit.hit('ada'))).toMatchObject({ 'retry-after': '57', 'x-ratelimit-reset': '1060' })
  expect(() => limit.hit('bob')).not.toThrow()
  expect(limit.refused()).toBe(1)

  now += 56_500
  expect(() => limit.hit('ada')).not.toThrow()
  expect(limit.headers('ada')).toMatchObject({ 'x-ratelimit-remaining': '1' })
})

test('a response that took longer than the window reports a full window', () => {
  let now = 0
  const limit = createRateLimit({ perMinute: () => 240, windowMs: 60_000, now: () => now })
  limit.hit('ada')
  now = 60_001
  expect(limit.headers('ada')).toMatchObject({ 'x-ratelimit-remaining': '240' })
})

function refusal(attempt: () => void) {
  try {
    attempt()
  } catch (error) {
    if (error instanceof PanelError) return error.headers
    throw error
  }
  return undefined
}
