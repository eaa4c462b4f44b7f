/** What the panel says of the minute that it counts for us: how many calls it takes, and how many of them are left. */
export type Window = {
  limit: number
  remaining: number
  /** When we first heard of it: it began before, and so ends before we think. */
  since: number
}

export type WindowHeaders = { limit: number; remaining: number; sentAt: number }

/** The window after an answer that says so much of it. */
export function windowAfter(
  known: Window | null,
  { limit, remaining, sentAt }: WindowHeaders,
  { windowMs, now }: { windowMs: number; now: number },
): Window {
  // Answers overtake each other: only a jump is a new window.
  const isNew =
    known === null ||
    known.since + windowMs <= now ||
    known.limit !== limit ||
    remaining > known.remaining + limit / 4
  if (isNew) return { limit, remaining, since: now }
  // It may still speak of the window before.
  return sentAt < known.since ? known : { ...known, remaining }
}

/**
 * When the next call may go. Half of a window may be used up at once; the rest is spread over what is left of it. All replicas
 * see the same number shrink and slow down with it, so none of them needs to know of the others.
 */
export function nextCallAt(
  window: Window | null,
  { lastAt, inFlight, windowMs, now }: { lastAt: number; inFlight: number; windowMs: number; now: number },
): number {
  if (!window || window.since + windowMs <= now) return now
  const { limit, remaining, since } = window
  const left = remaining - inFlight
  if (left > limit / 2) return now
  // What others have in flight is not in the number yet: the last ones are kept for them.
  const share = Math.max(1, left - limit / 20)
  const from = Math.max(lastAt, since)
  return from + (since + windowMs - from) / share
}
