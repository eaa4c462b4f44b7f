import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import type { Logger } from './logger.ts'
import { counter } from './metrics.ts'
import { Problem } from './problem.ts'
import { remoteAddressOf } from './remote-address.ts'
import { parametersOf, patternOf } from './route-of.ts'
import { jsonWithoutSecrets, plainWithoutSecrets } from './without-secrets.ts'

const unrecorded = counter({
  name: 'spawnpoint_audit_failures_total',
  help: 'Writes that were done, or refused, and could not be recorded in the audit log',
  labelNames: [],
})

type Request = {
  params: Record<string, string>
  /** What was sent as JSON; empty when nothing was. */
  body: () => Promise<Record<string, unknown>>
  /** What is answered as JSON; empty before that. */
  answer: () => Promise<Record<string, unknown>>
}

/**
 * What the audit log keeps of a route beside who, when and what came of it. `reads`: nothing, as it changes nothing.
 * `answer`: what it answered. `request and answer`: for what says only in the request what was meant. Else how to read the
 * thing that it changes, which happens before and after; null where there is none. What has an `order_id` is about that order.
 */
export type AuditedRoute =
  | 'reads'
  | 'answer'
  | 'request and answer'
  | ((request: Request) => Promise<object | null>)

/** For every route that is not a GET, as `PUT /admin/plans/:id`. */
export type AuditedRoutes = Record<string, AuditedRoute>

/** One request that changed something, or was refused. `before` and `after` are JSON without secrets. */
export type AuditEntry = {
  at: Date
  apiKey: string
  address: string | null
  method: string
  route: string
  path: string
  status: number
  /** Of a refusal. */
  code: string | null
  requestId: string
  /** The order that it is about, or else what its path names. */
  subject: string | null
  before: string | null
  after: string | null
}

export type Audit = { routes: AuditedRoutes; record: (entry: AuditEntry) => Promise<void> }

type Write = {
  at: Date
  address: string | null
  pattern: string
  params: Request['params']
  audited: Exclude<AuditedRoute, 'reads'>
  isReached: boolean
}

declare module 'hono' {
  interface ContextVariableMap {
    /** A handler found that the request changes nothing, such as a dry run. */
    changesNothing: true
    write: Write
  }
}

const writes = ['POST', 'PUT', 'PATCH', 'DELETE']

/**
 * `refusals` is the outermost, to record what is refused on the way; `reached` the innermost, around what is really done. The
 * entry is written once the request is done and before it is answered: one that fails to be written changes neither the
 * write nor its answer, and is an error in the log.
 */
export function auditWrites(
  app: OpenAPIHono,
  { audit, isOutage, log }: { audit: Audit; isOutage: (error: unknown) => boolean; log: Logger },
): { refusals: MiddlewareHandler; reached: MiddlewareHandler } {
  function writeOf(c: Context): Write | null {
    const { method, path } = c.req
    const pattern = writes.includes(method) ? patternOf(app, method, path) : null
    if (pattern === null) return null
    const audited = audit.routes[`${method} ${pattern}`] ?? 'answer'
    if (audited === 'reads') return null
    const [at, address] = [new Date(), remoteAddressOf(c)]
    return { at, address, pattern, params: parametersOf(pattern, path), audited, isReached: false }
  }

  async function read(c: Context, { audited, params }: Write): Promise<object | null> {
    if (typeof audited === 'string') return null
    try {
      return await audited({ params, body: () => bodyOf(c), answer: () => answerOf(c) })
    } catch (error) {
      // The request itself would only wait as long again.
      if (isOutage(error)) throw error
      if (error instanceof Problem) return null
      log.error({ err: error, requestId: c.get('requestId') }, 'A state for the audit log could not be read')
      return { unreadable: true }
    }
  }

  async function record(c: Context, write: Write, before: object | null): Promise<void> {
    const { at, address, pattern, params } = write
    const { status } = c.res
    const entry = {
      ...{ at, apiKey: c.get('apiKey'), address, status },
      ...{ method: c.req.method, route: pattern, path: plainWithoutSecrets(c.req.path).slice(0, 500) },
      ...{ code: c.error instanceof Problem ? c.error.code : null, requestId: c.get('requestId') },
    }
    try {
      const isRefused = status >= 400 && status < 500
      const after = isRefused ? null : await outcome(c, write)
      await audit.record({
        ...entry,
        subject: subjectOf(after ?? before, params),
        before: isRefused ? null : jsonWithoutSecrets(before),
        after: jsonWithoutSecrets(after),
      })
    } catch (error) {
      unrecorded.inc()
      const problem = error instanceof Error ? error.message.slice(0, 300) : String(error)
      log.error({ ...entry, problem }, 'The audit log lacks this request, which is done as answered')
    }
  }

  async function outcome(c: Context, write: Write): Promise<object | null> {
    if (typeof write.audited !== 'string') return await read(c, write)
    if (c.res.status >= 400) return null
    const answer = await answerOf(c)
    return write.audited === 'request and answer' ? { request: await bodyOf(c), answer } : answer
  }

  return {
    async refusals(c, next) {
      const write = writeOf(c)
      if (!write) return next()
      c.set('write', write)
      await next()
      // Without a valid key it is a failed login, of which there may be any number; what a busy service turns away, a row for
      // each would make worse.
      if (!write.isReached && c.get('apiKey') !== undefined && c.res.status < 500)
        await record(c, write, null)
    },
    async reached(c, next) {
      const write: Write | undefined = c.get('write')
      if (!write || c.get('apiKey') === undefined) return next()
      const before = await read(c, write)
      write.isReached = true
      await next()
      // Of an outage the log tells.
      if (c.get('changesNothing') || (c.error && isOutage(c.error))) return
      await record(c, write, before)
    },
  }
}

async function bodyOf(c: Context): Promise<Record<string, unknown>> {
  return objectOf(await c.req.json().catch(() => null))
}

async function answerOf(c: Context): Promise<Record<string, unknown>> {
  if (!c.finalized) return {}
  const answer = c.res.clone()
  return objectOf(await answer.json().catch(() => null))
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function subjectOf(state: object | null, params: Request['params']): string | null {
  const orderId = state && 'order_id' in state ? state.order_id : null
  const subject = typeof orderId === 'string' ? orderId : Object.values(params).join('/')
  return subject === '' ? null : plainWithoutSecrets(subject).slice(0, 191)
}
