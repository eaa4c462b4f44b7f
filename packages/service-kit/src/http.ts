import { randomUUID } from 'node:crypto'
import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { type RouteScopes, requireApiKey } from './api-keys.ts'
import { type Audit, auditWrites } from './audit.ts'
import { watchLogins } from './failed-logins.ts'
import { addHealth, type Health, healthPaths } from './health.ts'
import { incomingOf, limitInFlight, readBody } from './limits.ts'
import type { Logger } from './logger.ts'
import { addMetrics } from './metrics.ts'
import { answerProblem, Problem, requestIncomplete } from './problem.ts'
import type { ApiKey, Scope } from './read-api-keys.ts'
import { patternOf } from './route-of.ts'

declare module 'hono' {
  interface ContextVariableMap {
    requestId: string
    apiKey: string
    scopes: ReadonlySet<Scope>
  }
}

export type HttpOptions = Health & {
  apiKeys: ApiKey[]
  /** What a key needs for each route. */
  routeScopes: RouteScopes
  /** Routes without an API key, beside health and OpenAPI: `GET /plans`. */
  openRoutes?: string[]
  maxBodyBytes?: number
  /** Of all requests that are being answered together. */
  maxBodyBytesInAll?: number
  /** Requests of a kind answered at the same time; one more is 503 `busy`. Health is always answered. */
  maxInFlight?: number
  /** Whether an error says that something we need is away (503, try again) and not that our code is wrong (500). */
  isOutage: (error: unknown) => boolean
  /** Where requests that change something are recorded; nowhere when left out. */
  audit?: Audit
  log: Logger
}

const alwaysOpen = ['/livez', '/readyz', '/openapi.json', ...healthPaths]

/** A service's HTTP side: request ids, problem documents, API keys, body limit, health, metrics and OpenAPI; the routes are the service's. */
export function createHttp({
  openRoutes = [],
  maxBodyBytes = 64 * 1024,
  maxBodyBytesInAll = 64 * 1024 * 1024,
  maxInFlight = 256,
  ...options
}: HttpOptions): OpenAPIHono {
  const { service, version, apiKeys, routeScopes, isOutage, audit, log } = options
  warnOfUnscoped(apiKeys, log)
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (result.success) return
      const errors = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
      throw new Problem(422, 'invalid_request', 'The request does not fit: see errors.', { errors })
    },
  })
  app.use(async (c, next) => {
    const asked = c.req.header('x-request-id')
    c.set('requestId', asked && /^[\w.-]{1,64}$/.test(asked) ? asked : randomUUID())
    c.header('x-request-id', c.get('requestId'))
    await next()
  })
  const auditing = audit && auditWrites(app, { audit, isOutage, log })
  if (auditing) app.use(auditing.refusals)
  app.use(
    requireApiKey(app, {
      keys: apiKeys,
      routes: { 'GET /metrics': ['read'], ...routeScopes },
      openRoutes: [...alwaysOpen.map((path) => `GET ${path}`), ...openRoutes],
      moreWithKey: healthPaths,
      logins: watchLogins(log),
    }),
  )
  app.use(readBody({ maxBytes: maxBodyBytes, maxBytesInAll: maxBodyBytesInAll }))
  // Behind the body: a place is for requests that can be answered, and none is held by one that is still arriving.
  app.use(limitInFlight(maxInFlight, alwaysOpen))
  if (auditing) app.use(auditing.reached)
  app.notFound((c) => answerProblem(c, noSuchRoute(app, c)))
  app.onError((error, c) => {
    if (error instanceof Problem) return answerProblem(c, error)
    if (error instanceof HTTPException)
      return answerProblem(
        c,
        error.status === 415
          ? new Problem(415, 'not_json', 'Send the body as application/json.')
          : new Problem(error.status, 'malformed_request', error.message),
      )
    if (isCutOff(c)) return answerProblem(c, requestIncomplete)
    const request = {
      requestId: c.get('requestId'),
      method: c.req.method,
      path: c.req.path,
      apiKey: c.get('apiKey'),
    }
    if (isOutage(error)) {
      // One line: during an outage a stack for each request costs more than the requests do.
      log.warn({ ...request, problem: error.message.slice(0, 300) }, 'Request could not be answered')
      return answerProblem(c, outage)
    }
    log.error({ ...request, err: error }, 'Request failed')
    return answerProblem(c, mistake)
  })
  addHealth(app, options)
  addMetrics(app)
  app.doc31('/openapi.json', { openapi: '3.1.0', info: { title: `Spawnpoint ${service}`, version } })
  return app
}

function warnOfUnscoped(keys: ApiKey[], log: Logger): void {
  for (const { name } of keys.filter(({ isUnscoped }) => isUnscoped))
    log.warn(
      { apiKey: name },
      `The API key ${name} may do everything: give it scopes in API_KEYS, such as ${name}:scopes=orders:…`,
    )
}

const outage = new Problem(
  503,
  'temporarily_unavailable',
  'This did not work just now and nothing was lost: try again.',
  { retryAfterSeconds: 2 },
)
const mistake = new Problem(
  500,
  'internal_error',
  'Internal error: quote request_id to support; the log has the details.',
)

function isCutOff(c: Context): boolean {
  return (incomingOf(c)?.errored ?? null) !== null
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

function noSuchRoute(app: OpenAPIHono, c: Context): Problem {
  const { method, path } = c.req
  const others = methods.filter((other) => patternOf(app, other, path) !== null)
  if (others.length === 0)
    return new Problem(404, 'route_not_found', `There is no ${method} ${path} here; see /openapi.json.`)
  c.header('allow', others.join(', '))
  return new Problem(405, 'method_not_allowed', `${path} knows ${others.join(', ')}; see /openapi.json.`)
}
