import { notSent, type PanelError } from '../panel-types/panel-error.ts'
import { nextCallAt, type Window, windowAfter } from './rate-limit-window.ts'
import { createQueue, type Urgency } from './request-queue.ts'

/** Lets calls go as fast as the panel takes them, by what it says with each answer, and none while it asks for a pause. */
export function createRateLimiter({
  windowMs,
  longestWaitMs,
  abandoned,
}: {
  windowMs: number
  longestWaitMs: number
  abandoned: AbortSignal
}) {
  const queue = createQueue()
  let window: Window | null = null
  let inFlight = 0
  let lastAt = 0
  let pause: { until: number; askedBy: PanelError } | null = null
  let alarm: NodeJS.Timeout | undefined

  function msToTurn(): number {
    const now = Date.now()
    if (pause && pause.until > now) return pause.until - now
    return Math.max(0, nextCallAt(window, { lastAt, inFlight, windowMs, now }) - now)
  }

  function begin(): void {
    inFlight += 1
    lastAt = Date.now()
  }

  function letGo(): void {
    clearTimeout(alarm)
    while (queue.length() > 0) {
      const ms = msToTurn()
      if (ms > 0) {
        alarm = setTimeout(letGo, Math.ceil(ms))
        return
      }
      begin()
      queue.next()
    }
  }

  function refusal(name: string): PanelError {
    const detail = 'The panel takes no more calls this minute'
    return notSent(name, { detail, retryAfterMs: msToTurn() }, pause?.askedBy)
  }

  return {
    /** Returns when it is this call's turn; throws, with nothing sent, when that would take too long. */
    async enter(name: string, urgency: Urgency): Promise<void> {
      const ms = msToTurn()
      if (ms === 0 && queue.length() === 0) return begin()
      if (pause && ms > longestWaitMs) throw refusal(name)
      const turn = queue.join(urgency, AbortSignal.any([abandoned, AbortSignal.timeout(longestWaitMs)]))
      letGo()
      if (!(await turn)) throw refusal(name)
    },
    /** After each call that was let go. */
    leave(): void {
      inFlight -= 1
      letGo()
    },
    /** What the answer to a call that was sent then says of the window. */
    update(headers: Headers, sentAt: number): void {
      const limit = Number(headers.get('x-ratelimit-limit'))
      const remaining = Number(headers.get('x-ratelimit-remaining'))
      const heard = { limit, remaining, sentAt }
      if (limit > 0) window = windowAfter(window, heard, { windowMs, now: Date.now() })
    },
    /** The panel, or what stands before it, asked for a pause: all calls keep it. */
    pauseFor(ms: number, askedBy: PanelError): void {
      pause = { until: Date.now() + ms, askedBy }
      window = null
    },
    state: () => ({
      calls_a_minute: window?.limit ?? null,
      calls_left: window && window.since + windowMs > Date.now() ? window.remaining : null,
      calls_waiting: queue.length(),
    }),
  }
}
