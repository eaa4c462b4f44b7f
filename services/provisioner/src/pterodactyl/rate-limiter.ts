import { notSent, type PanelError } from '../panel-types/panel-error.ts'
import { deadline } from './deadline.ts'
import { nextCallAt, type Window, windowAfter } from './rate-limit-window.ts'
import { createQueue, type Urgency } from './request-queue.ts'

/** Sends calls as fast as the rate-limit headers of each response allow, and none while the panel asks for a pause. */
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
    const detail = "The panel's rate limit is reached"
    return notSent(name, { detail, retryAfterMs: msToTurn() }, pause?.askedBy)
  }

  return {
    /** Returns when the call may be sent; throws, with nothing sent, when that would take too long. */
    async enter(name: string, urgency: Urgency): Promise<void> {
      const ms = msToTurn()
      if (ms === 0 && queue.length() === 0) return begin()
      if (pause && ms > longestWaitMs) throw refusal(name)
      const { signal, clear } = deadline(longestWaitMs, abandoned)
      const turn = queue.join(urgency, signal)
      letGo()
      if (!(await turn.finally(clear))) throw refusal(name)
    },
    /** After each call that was admitted. */
    leave(): void {
      inFlight -= 1
      letGo()
    },
    /** The rate-limit headers of the response to a call sent at that time. */
    update(headers: Headers, sentAt: number): void {
      const limit = Number(headers.get('x-ratelimit-limit'))
      const remaining = Number(headers.get('x-ratelimit-remaining'))
      const headersSeen = { limit, remaining, sentAt }
      if (limit > 0) window = windowAfter(window, headersSeen, { windowMs, now: Date.now() })
    },
    /** The panel, or a proxy before it, asked for a pause: it holds for all calls. */
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
