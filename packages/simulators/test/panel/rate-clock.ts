import type { Exchange } from './record.ts'

/**
 * The time of the replay, moved by hand so that every window of the rate limit opens and closes where it did in the record,
 * and the calls that the record left out are made up for.
 */
export function createRateClock({
  userOf,
  spend,
}: {
  userOf: (exchange: Exchange) => string | undefined
  /** Makes one harmless call as this user. */
  spend: (user: string) => Promise<void>
}) {
  const windowMs = 60_000
  let now = Date.parse('2026-11-23T08:42:00Z')
  const windows = new Map<string, { openedAt: number; hits: number }>()

  return {
    now: () => now,

    /** Called before an exchange that was alone; its answer then says the same `remaining` as in the record. */
    async setFor(exchange: Exchange): Promise<void> {
      const user = userOf(exchange)
      const {
        'x-ratelimit-remaining': left,
        'x-ratelimit-limit': limit,
        'retry-after': retryAfter,
      } = exchange.response?.headers ?? {}
      if (user === undefined || left === undefined || limit === undefined) return
      let window = windows.get(user)
      if (retryAfter === undefined && (!window || Number(limit) - Number(left) <= window.hits)) {
        now = Math.max(now, (window?.openedAt ?? 0) + windowMs + 1)
        window = undefined
      }
      window ??= { openedAt: now, hits: 0 }
      windows.set(user, window)
      const before = retryAfter === undefined ? Number(limit) - Number(left) - 1 : Number(limit)
      while (window.hits < before) {
        await spend(user)
        window.hits++
      }
      if (retryAfter === undefined) window.hits++
      else now = Math.max(now, window.openedAt + windowMs - Number(retryAfter) * 1_000)
    },

    /** Called for every other exchange. */
    count(exchange: Exchange): void {
      const window = windows.get(userOf(exchange) ?? '')
      if (window) window.hits++
    },
  }
}
