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

  function windowOf(user: string) {
    const last = windows.get(user)
    const window = last && last.openedAt + windowMs > now ? last : { openedAt: now, hits: 0 }
    windows.set(user, window)
    return window
  }

  async function spendUpTo(hits: number, user: string) {
    const window = windowOf(user)
    for (; window.hits < hits; window.hits++) await spend(user)
  }

  return {
    now: () => now,

    /** Called before an exchange that was alone; its answer then has the same `remaining` as in the record. */
    async setFor(exchange: Exchange): Promise<void> {
      const user = userOf(exchange)
      const {
        'x-ratelimit-remaining': left,
        'x-ratelimit-limit': limit,
        'retry-after': retryAfter,
      } = exchange.response?.headers ?? {}
      if (user === undefined || left === undefined || limit === undefined) return
      if (retryAfter !== undefined) {
        const endsAt = windowOf(user).openedAt + windowMs
        if (endsAt - now < Number(retryAfter) * 1_000) now = endsAt
        await spendUpTo(Number(limit), user)
        now = Math.max(now, windowOf(user).openedAt + windowMs - Number(retryAfter) * 1_000)
        return
      }
      const hits = Number(limit) - Number(left)
      const { openedAt, hits: before } = windowOf(user)
      if (hits <= before) now = openedAt + windowMs
      await spendUpTo(hits - 1, user)
      windowOf(user).hits++
    },

    /** Called before any other exchange; an answer without the limit's headers was not counted. */
    count(exchange: Exchange): void {
      const user = userOf(exchange)
      if (exchange.response && !exchange.response.headers['x-ratelimit-limit']) return
      if (user !== undefined) windowOf(user).hits++
    },
  }
}
