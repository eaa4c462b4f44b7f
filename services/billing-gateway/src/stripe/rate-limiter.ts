import { setTimeout as delay } from 'node:timers/promises'

/** Up to `perSecond` calls a second, and as many at once after a pause: Stripe limits them, and checkouts need some. */
export function createRateLimiter({ perSecond }: { perSecond: number }): { take(): Promise<void> } {
  const gapMs = 1_000 / perSecond
  let nextAt = 0
  return {
    async take() {
      const now = performance.now()
      // Calls not used in the last second may be used now.
      nextAt = Math.max(nextAt, now - 1_000) + gapMs
      if (nextAt > now) await delay(nextAt - now)
    },
  }
}
