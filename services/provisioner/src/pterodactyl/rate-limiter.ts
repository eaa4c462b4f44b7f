import { notSent, type PanelError } from '../panel-types/panel-error.ts'
import { deadline } from './deadline.ts'
import {
  callsAvailable,
  callsLeft,
  nextCallAt,
  pausedWindow,
  type Window,
  windowAfter,
} from './rate-limit-window.ts'
import { createQueue, type Urgency } from './request-queue.ts'

/** Of a panel that reports no limit. */
const unlimited = Number.MAX_SAFE_INTEGER

/** Sends calls as fast as the rate-limit headers of each response allow, and none while the panel asks for a pause. */
export function createRateLimiter({
  windowMs,
  longestWaitMs,
  abandoned,
}: {
  windowMs: number
  /** Of what finishes a paid order, and of the rest. */
  longestWaitMs: { paid: number; normal: number }
  abandoned: AbortSignal
}) {
  const queue = createQueue()
  let window: Window | null = null
  let inFlight = 0
  let lastAt = 0
  let pause: { until: number; askedBy: PanelError } | null = null
  let alarm: NodeJS.Timeout | undefined

  /** Null: once a call under way is answered. */
  function msToTurn(): number | null {
    const now = Date.now()
    if (pause && pause.until > now) return pause.until - now
    const at = nextCallAt(window, { lastAt, inFlight, windowMs, now })
    return at && at - now
  }

  function begin(): void {
    inFlight += 1
    lastAt = Date.now()
  }

  function letGo(): void {
    clearTimeout(alarm)
    while (queue.length() > 0) {
      const ms = msToTurn()
      if (ms === null) return
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
    return notSent(name, { detail, retryAfterMs: msToTurn() ?? 0 }, pause?.askedBy)
  }

  return {
    /** Returns when the call may be sent; throws, with nothing sent, when that would take too long. */
    async enter(name: string, urgency: Urgency): Promise<void> {
      const ms = msToTurn()
      if (ms === 0 && queue.length() === 0) return begin()
      const longestMs = longestWaitMs[urgency === 'paid' ? 'paid' : 'normal']
      if (pause && ms !== null && ms > longestMs) throw refusal(name)
      const { signal, clear } = deadline(longestMs, abandoned)
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
      else window ??= { limit: unlimited, remaining: unlimited, since: Date.now() }
    },
    /** The panel, or a proxy before it, asked for a pause: it holds for all calls. */
    pauseFor(ms: number, askedBy: PanelError): void {
      pause = { until: Date.now() + ms, askedBy }
      window = pausedWindow(window, pause.until, windowMs)
    },
    /**
     * How many calls would be sent at once, how many the window has beside those under way, and in how many ms the next one would be sent;
     * null: once one under way is answered.
     */
    available(): { calls: number; left: number; inMs: number | null } {
      const inMs = msToTurn()
      const left = callsLeft(window, { inFlight: inFlight + queue.length(), windowMs, now: Date.now() })
      if (inMs !== 0 || queue.length() > 0) return { calls: 0, left, inMs: inMs === 0 ? null : inMs }
      const calls = callsAvailable(window, { inFlight, windowMs, now: Date.now() })
      return { calls: Math.max(1, calls), left, inMs }
    },
    pace() {
      const limited = window?.limit === unlimited ? null : window
      const endsInMs = limited ? Math.max(0, limited.since + windowMs - Date.now()) : 0
      return {
        callsAMinute: limited?.limit ?? null,
        callsLeft: limited && endsInMs > 0 ? limited.remaining : null,
        windowEndsInMs: endsInMs,
        windowMs,
      }
    },
    state() {
      const limited = window?.limit === unlimited ? null : window
      return {
        calls_a_minute: limited?.limit ?? null,
        calls_left: limited && limited.since + windowMs > Date.now() ? limited.remaining : null,
        calls_waiting: queue.length(),
      }
    },
  }
}
