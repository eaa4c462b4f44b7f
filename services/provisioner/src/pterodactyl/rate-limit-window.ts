/** The panel's rate-limit window: how many calls it accepts a minute, and how many are left. */
export type Window = {
  limit: number
  remaining: number
  /** When we first saw it: it began earlier, and so ends earlier than this suggests. */
  since: number
}

export type WindowHeaders = { limit: number; remaining: number; sentAt: number }

/** The window after a response with these headers. */
export function windowAfter(
  known: Window | null,
  { limit, remaining, sentAt }: WindowHeaders,
  { windowMs, now }: { windowMs: number; now: number },
): Window {
  // Responses overtake each other: only a jump is a new window.
  const isNew =
    known === null ||
    known.since + windowMs <= now ||
    known.limit !== limit ||
    remaining > known.remaining + limit / 4
  if (isNew) return { limit, remaining, since: now }
  // It may still describe the previous window.
  return sentAt < known.since ? known : { ...known, remaining }
}

/**
 * When the next call may be sent. Half of a window may be used at once; the rest is spread over the remaining time. All replicas
 * see the same number shrink and slow down with it, without coordination.
 */
export function nextCallAt(
  window: Window | null,
  { lastAt, inFlight, windowMs, now }: { lastAt: number; inFlight: number; windowMs: number; now: number },
): number {
  if (!window || window.since + windowMs <= now) return now
  const { limit, remaining, since } = window
  const left = remaining - inFlight
  if (left > limit / 2) return now
  // Calls of other replicas in flight are not yet counted: the last ones are left for them.
  const share = Math.max(1, left - limit / 20)
  const from = Math.max(lastAt, since)
  return from + (since + windowMs - from) / share
}
