import { setTimeout as delay } from 'node:timers/promises'

/** So many calls a second, as many at once after a rest: Stripe counts them, and buyers need some. */
export function createRateLimiter({ perSecond }: { perSecond: number }): { take(): Promise<void> } {
  const gapMs = 1_000 / perSecond
  let nextAt = 0
  return {
    async take() {
      const now = performance.now()
      // What was not used of the last second may be used now.
      nextAt = Math.max(nextAt, now - 1_000) + gapMs
      if (nextAt > now) await delay(nextAt - now)
    },
  }
}
