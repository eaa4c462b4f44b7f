import { setMaxListeners } from 'node:events'
import type { z } from '@hono/zod-openapi'
import { keySecret, mainPanel } from '../panel-types/main-panel.ts'
import { isOfNode, PanelError } from '../panel-types/panel-error.ts'
import { createCircuitBreaker } from './circuit-breaker.ts'
import { isOtherKind, isProbe, isWrongPath } from './classify-error.ts'
import { countCall } from './count-call.ts'
import { deadline } from './deadline.ts'
import { createRateLimiter } from './rate-limiter.ts'
import { readResponse } from './read-response.ts'
import type { Urgency } from './request-queue.ts'
import type { Send } from './send.ts'

export type PanelClient = ReturnType<typeof createPanelClient>

export type Call = {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  body?: unknown
  /** `normal` if left out. */
  urgency?: Urgency | undefined
}

const minuteMs = 60_000
const longestWaitMs = 15_000
/** A call that was recorded before it waits is in doubt for two minutes. */
const longestPaidWaitMs = 45_000

const headers = {
  // The panel answers errors in JSON, and takes a body, only for exactly these.
  accept: 'application/json',
  'content-type': 'application/json',
  'accept-encoding': 'gzip',
  // Protection services turn away what gives no name.
  'user-agent': 'spawnpoint',
}

/** The panel's Application API: JSON in, JSON checked against a schema out, everything else a `PanelError`. */
export function createPanelClient({
  panel = mainPanel,
  url,
  token,
  send,
  timeoutMs,
  timeScale = 1,
}: {
  panel?: string
  url: string
  token: () => Promise<string>
  send: Send
  timeoutMs: number
  timeScale?: number
}) {
  const target = shownAddress(url)
  const abandoned = new AbortController()
  // Each call under way listens.
  setMaxListeners(0, abandoned.signal)
  const limiter = createRateLimiter({
    windowMs: minuteMs * timeScale,
    longestWaitMs: { paid: longestPaidWaitMs * timeScale, normal: longestWaitMs * timeScale },
    abandoned: abandoned.signal,
  })
  const breaker = createCircuitBreaker({ timeScale })
  let lastFailure: PanelError | null = null
  let failingSince: number | null = null

  async function call<T>(path: string, schema: z.ZodType<T>, options: Call = {}): Promise<T> {
    const { method = 'GET', body, urgency = 'normal' } = options
    const name = `${method} ${path}`
    refuseDots(name, path)
    await limiter.enter(name, urgency)
    const limit = deadline(timeoutMs, abandoned.signal)
    try {
      const authorization = await bearer(name, token, keySecret(panel))
      breaker.enter(name)
      const sentAt = Date.now()
      const answered = await send(name, `${url}/api/application${path}`, {
        ...{ method, headers: { ...headers, authorization }, signal: limit.signal },
        body: body === undefined ? null : JSON.stringify(body),
      })
      countCall(panel, name, answered.status)
      limiter.update(answered.headers, sentAt)
      const answer = readResponse(name, { ...answered, target }, schema)
      record(null, name)
      return answer
    } catch (error) {
      if (error instanceof PanelError) Object.assign(error, { panel, target })
      if (error instanceof PanelError && error.kind !== 'not_sent') {
        record(error, name)
        if (error.status === null) countCall(panel, name, error.kind)
      }
      throw error
    } finally {
      limit.clear()
      limiter.leave()
    }
  }

  function record(error: PanelError | null, name: string): void {
    breaker.record(error)
    // Most calls succeed on a panel of the other kind too.
    const isStillOther = lastFailure !== null && isOtherKind(lastFailure) && !isProbe(name)
    if (!isStillOther) lastFailure = error && isAboutThePanel(error) ? error : null
    failingSince = lastFailure === null ? null : (failingSince ?? performance.now())
    if (error?.retryAfterMs) limiter.pauseFor(error.retryAfterMs, error)
  }

  return {
    call,
    /** The last response, where it was a failure of the panel itself or of our key; null where it concerned one resource. */
    lastFailure: () => lastFailure,
    /** For how long no call succeeded; null when the last one did. */
    failingForMs: () => (failingSince === null ? null : performance.now() - failingSince),
    /** The circuit breaker, and what the rate limiter still admits. */
    state: () => ({ circuit: breaker.state(), ...limiter.state() }),
    /** How many calls would be sent at once, and in how many ms the next one would be. */
    available: limiter.available,
    pace: limiter.pace,
    /** Every call under way, and every later one, ends as unanswered. */
    abandon: () => abandoned.abort(),
    /** Null when there is no such thing. */
    async find<T>(path: string, schema: z.ZodType<T>, options: Call = {}): Promise<T | null> {
      try {
        return await call(path, schema, options)
      } catch (error) {
        if (!(error instanceof PanelError) || isWrongPath(error)) throw error
        if (error.status === 404 && error.code === 'NotFoundHttpException') return null
        throw error
      }
    },
  }
}

// A URL takes them for steps up and down: `/users/external/..` would be `/users/`, a list that answers 200.
function refuseDots(name: string, path: string): void {
  if (!/\/\.{1,2}(?=[/?]|$)/.test(path)) return
  const detail = 'Nothing on the panel can be asked for by the name . or ..'
  throw new PanelError(name, { kind: 'http', status: 404, code: 'NotFoundHttpException', detail })
}

// Checked here, so that no error of a header can quote it.
async function bearer(name: string, token: () => Promise<string>, secret: string): Promise<string> {
  const key = await token()
  if (/^[\x21-\x7e]*$/.test(key)) return `Bearer ${key}`
  const detail = `The key has a blank, a line break or a letter outside ASCII: set the secret ${secret} again.`
  throw new PanelError(name, { kind: 'http', status: 401, detail })
}

// The address may carry a user and a password.
function shownAddress(url: string): string {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname.replace(/\/+$/, '')}`
}

function isAboutThePanel(error: PanelError): boolean {
  const { kind, status } = error
  if (kind !== 'http' || status === 401 || status === 403) return true
  if (isOtherKind(error) || isWrongPath(error)) return true
  return (status ?? 0) >= 500 && !isOfNode(error)
}
