import { tooManyAttempts } from './errors.ts'

export type RateLimit = ReturnType<typeof createRateLimit>

/** Counts by user, not by key, in a window that opens with the first call. */
export function createRateLimit({
  perMinute,
  windowMs,
  now,
}: {
  perMinute: () => number | null
  windowMs: number
  now: () => number
}) {
  const windows = new Map<string, { hits: number; endsAt: number }>()
  let refused = 0

  return {
    /** Throws once the window is spent; refused calls are not counted. */
    hit(user: string): void {
      const limit = perMinute()
      if (limit === null) return
      const open = windows.get(user)
      const window = open && open.endsAt > now() ? open : { hits: 0, endsAt: now() + windowMs }
      windows.set(user, window)
      if (window.hits >= limit) {
        refused++
        const retryAfter = Math.max(0, Math.ceil((window.endsAt - now()) / 1000))
        throw tooManyAttempts({ limit, retryAfter, reset: Math.floor(now() / 1000) + retryAfter })
      }
      window.hits++
    },

    /** How many calls were refused so far. */
    refused: () => refused,

    /** Computed as the answer leaves: a window that closed meanwhile is whole again. */
    headers(user: string): Record<string, string> {
      const limit = perMinute()
      if (limit === null) return {}
      const window = windows.get(user)
      const hits = window && window.endsAt > now() ? window.hits : 0
      return {
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(Math.max(0, limit - hits)),
      }
    },
  }
}
