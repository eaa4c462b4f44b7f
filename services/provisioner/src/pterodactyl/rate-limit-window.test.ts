import { expect, test } from 'vitest'
import { nextCallAt, type Window, windowAfter } from './rate-limit-window.ts'

const windowMs = 60_000

test('half of a window may be used up at once', () => {
  const now = 1_000
  const window = { limit: 240, remaining: 130, since: 0 }
  expect(nextCallAt(window, { lastAt: 1_000, inFlight: 5, windowMs, now })).toBe(now)
  expect(nextCallAt(window, { lastAt: 1_000, inFlight: 20, windowMs, now })).toBeGreaterThan(now)
})

test('without a window, or after it, no call waits', () => {
  expect(nextCallAt(null, { lastAt: 5, inFlight: 99, windowMs, now: 7 })).toBe(7)
  const over = { limit: 240, remaining: 0, since: -59_990 }
  expect(nextCallAt(over, { lastAt: 9, inFlight: 99, windowMs, now: 10 })).toBe(10)
})

test('a window that is used up is waited out', () => {
  const window = { limit: 240, remaining: 0, since: 0 }
  expect(nextCallAt(window, { lastAt: 30_000, inFlight: 0, windowMs, now: 30_000 })).toBe(60_000)
})

test('a jump upwards is a new window; an answer that was overtaken is none', () => {
  const known: Window = { limit: 240, remaining: 9, since: 0 }
  const after = (heard: { limit: number; remaining: number }, sentAt = 57_000) =>
    windowAfter(known, { ...heard, sentAt }, { windowMs, now: 58_000 })
  expect(after({ limit: 240, remaining: 239 })).toMatchObject({ remaining: 239, since: 58_000 })
  expect(after({ limit: 240, remaining: 11 })).toMatchObject({ remaining: 11, since: 0 })
  expect(after({ limit: 256, remaining: 9 })).toMatchObject({ since: 58_000 })
})

test('a response to a call from before the window does not change it', () => {
  const known: Window = { limit: 240, remaining: 239, since: 60_000 }
  const late = { limit: 240, remaining: 3 }
  expect(windowAfter(known, { ...late, sentAt: 59_990 }, { windowMs, now: 60_010 })).toBe(known)
  expect(windowAfter(known, { ...late, sentAt: 60_005 }, { windowMs, now: 60_010 }).remaining).toBe(3)
})

test.each([1, 2, 5])(
  '%i replicas that ask all the time use a window up and never ask for more',
  (replicas) => {
    let [hits, refused] = [0, 0]
    const own = Array.from({ length: replicas }, () => ({ lastAt: 0, window: null as Window | null }))
    // A panel whose window of 240 began at 0, asked in steps of 10 ms.
    for (let now = 0; now < windowMs; now += 10)
      for (const one of own) {
        if (nextCallAt(one.window, { lastAt: one.lastAt, inFlight: 0, windowMs, now }) > now) continue
        one.lastAt = now
        if (hits >= 240) refused += 1
        else hits += 1
        one.window = windowAfter(
          one.window,
          { limit: 240, remaining: 240 - hits, sentAt: now },
          { windowMs, now },
        )
      }
    expect(refused).toBe(0)
    expect(hits).toBeGreaterThan(215)
  },
)
