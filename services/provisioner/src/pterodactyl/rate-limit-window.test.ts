import { expect, test } from 'vitest'
import { callsAvailable, nextCallAt, pausedWindow, type Window, windowAfter } from './rate-limit-window.ts'

const windowMs = 60_000

test('all of a window may be used at once, but for the last calls, which are spread over the rest of it', () => {
  const now = 1_000
  const at = (remaining: number, inFlight = 5) =>
    nextCallAt({ limit: 240, remaining, since: 0 }, { lastAt: now, inFlight, windowMs, now })
  expect(at(130)).toBe(now)
  expect(at(30)).toBe(now)
  expect(at(29)).toBeGreaterThan(now)
  // 16 left, of which 6 are kept for other replicas: ten in 59 s.
  expect(at(21)).toBe(now + 5_900)
})

test('before the panel has answered only a few calls are sent, and so at the begin of a window', () => {
  expect(nextCallAt(null, { lastAt: 5, inFlight: 7, windowMs, now: 7 })).toBe(7)
  expect(nextCallAt(null, { lastAt: 5, inFlight: 8, windowMs, now: 7 })).toBeNull()
  const over = { limit: 240, remaining: 0, since: -59_990 }
  expect(nextCallAt(over, { lastAt: 9, inFlight: 23, windowMs, now: 10 })).toBe(10)
  expect(nextCallAt(over, { lastAt: 9, inFlight: 24, windowMs, now: 10 })).toBeNull()
  const small = { limit: 10, remaining: 0, since: -59_990 }
  expect(nextCallAt(small, { lastAt: 9, inFlight: 8, windowMs, now: 10 })).toBe(10)
  expect(nextCallAt(small, { lastAt: 9, inFlight: 9, windowMs, now: 10 })).toBeNull()
})

test('a window that is used up is waited out', () => {
  const window = { limit: 240, remaining: 0, since: 0 }
  expect(nextCallAt(window, { lastAt: 30_000, inFlight: 0, windowMs, now: 30_000 })).toBe(60_000)
})

test('after a pause the window begins anew', () => {
  const paused = pausedWindow({ limit: 240, remaining: 130, since: 0 }, 5_000, windowMs)
  expect(nextCallAt(paused, { lastAt: 1_000, inFlight: 0, windowMs, now: 4_999 })).toBe(5_000)
  expect(nextCallAt(paused, { lastAt: 1_000, inFlight: 0, windowMs, now: 5_000 })).toBe(5_000)
})

test('the calls that are available are those that would be sent at once', () => {
  const of = (remaining: number, inFlight: number) =>
    callsAvailable({ limit: 240, remaining, since: 0 }, { inFlight, windowMs, now: 1_000 })
  expect(of(240, 0)).toBe(24)
  expect(of(240, 20)).toBe(4)
  expect(of(30, 2)).toBe(4)
  expect(of(10, 0)).toBe(0)
  expect(callsAvailable(null, { inFlight: 3, windowMs, now: 1_000 })).toBe(5)
})

test('a jump upwards is a new window; an answer that was overtaken is none', () => {
  const known: Window = { limit: 240, remaining: 9, since: 0 }
  const after = (headers: { limit: number; remaining: number }, sentAt = 57_000) =>
    windowAfter(known, { ...headers, sentAt }, { windowMs, now: 58_000 })
  expect(after({ limit: 240, remaining: 239 })).toMatchObject({ remaining: 239, since: 58_000 })
  expect(after({ limit: 240, remaining: 11 })).toMatchObject({ remaining: 9, since: 0 })
  expect(after({ limit: 240, remaining: 7 })).toMatchObject({ remaining: 7, since: 0 })
  expect(after({ limit: 256, remaining: 9 })).toMatchObject({ since: 58_000 })
})

test('a response to a call from before the window does not change it, nor does a late one begin another', () => {
  const known: Window = { limit: 240, remaining: 239, since: 60_000 }
  const late = { limit: 240, remaining: 3 }
  expect(windowAfter(known, { ...late, sentAt: 59_990 }, { windowMs, now: 60_010 })).toBe(known)
  expect(windowAfter(known, { ...late, sentAt: 60_005 }, { windowMs, now: 60_010 }).remaining).toBe(3)
  expect(windowAfter(known, { ...late, sentAt: 119_990 }, { windowMs, now: 120_010 }).since).toBe(60_000)
  expect(windowAfter(known, { ...late, sentAt: 120_000 }, { windowMs, now: 120_010 }).since).toBe(120_010)
})

test.each([1, 2, 5])(
  '%i replicas that ask all the time use a window up and never ask for more',
  (replicas) => {
    let [hits, refused] = [0, 0]
    const own = Array.from({ length: replicas }, () => ({ lastAt: 0, window: null as Window | null }))
    // A panel whose window of 240 began at 0, asked in steps of 10 ms.
    for (let now = 0; now < windowMs; now += 10)
      for (const one of own) {
        const at = nextCallAt(one.window, { lastAt: one.lastAt, inFlight: 0, windowMs, now })
        if (at === null || at > now) continue
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
    expect(hits).toBeGreaterThan(228)
  },
)
