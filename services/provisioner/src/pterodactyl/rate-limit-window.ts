/** The panel's rate-limit window: how many calls it accepts a minute, and how many are left. */
export type Window = {
  limit: number
  remaining: number
  /** When we first saw it: it began earlier, and so ends earlier than this suggests. */
  since: number
}

export type WindowHeaders = { limit: number; remaining: number; sentAt: number }

/** The calls that may be under way at once, before the panel has said how many it accepts and after. */
const [mostUnknown, mostInFlight] = [8, 24]

/** The window after a response with these headers. */
export function windowAfter(
  known: Window | null,
  { limit, remaining, sentAt }: WindowHeaders,
  { windowMs, now }: { windowMs: number; now: number },
): Window {
  // Responses overtake each other: only a jump is a new window.
  const isNew =
    known === null ||
    sentAt >= known.since + windowMs ||
    known.limit !== limit ||
    remaining > known.remaining + limit / 4
  if (isNew) return { limit, remaining, since: now }
  // It may still describe the previous window.
  return sentAt < known.since ? known : { ...known, remaining: Math.min(known.remaining, remaining) }
}

/** The window once the panel has asked for a pause until then: it begins anew at its end. */
export function pausedWindow(known: Window | null, until: number, windowMs: number): Window | null {
  return known && { ...known, remaining: 0, since: until - windowMs }
}

/**
 * When the next call may be sent; null: once a call under way is answered. All of a window may be used at once but for the last calls,
 * which are spread over its remaining time: something urgent never waits for the whole of it. All replicas see the same number shrink and
 * slow down with it, without coordination.
 */
export function nextCallAt(
  window: Window | null,
  { lastAt, inFlight, windowMs, now }: { lastAt: number; inFlight: number; windowMs: number; now: number },
): number | null {
  if (!window) return inFlight < mostUnknown ? now : null
  if (inFlight >= mostInFlight) return null
  const { limit, remaining, since } = window
  const endsAt = since + windowMs
  const isOver = endsAt <= now
  // What is under way may be counted in the window that begins with it.
  const left = (isOver ? limit : remaining) - inFlight
  if (left > limit / 10) return now
  if (isOver) return inFlight === 0 ? now : null
  // Calls of other replicas in flight are not yet counted: the last ones are left for them.
  const share = Math.max(1, left - limit / 40)
  const from = Math.max(lastAt, since)
  return Math.max(now, from + (endsAt - from) / share)
}

/** How many calls could be sent at once now. */
export function callsAvailable(
  window: Window | null,
  { inFlight, windowMs, now }: { inFlight: number; windowMs: number; now: number },
): number {
  if (!window) return Math.max(0, mostUnknown - inFlight)
  const left = window.since + windowMs <= now ? window.limit : window.remaining
  return Math.max(0, Math.min(mostInFlight, left - Math.ceil(window.limit / 10)) - inFlight)
}

/** How many calls the window has before the last ones, which are spread over the rest of it. */
export function callsLeft(
  window: Window | null,
  { inFlight, windowMs, now }: { inFlight: number; windowMs: number; now: number },
): number {
  if (!window) return Math.max(0, mostUnknown - inFlight)
  const { limit, remaining, since } = window
  return Math.max(0, (since + windowMs <= now ? limit : remaining) - inFlight - Math.ceil(limit / 10))
}
