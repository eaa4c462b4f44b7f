import { timingSafeEqual } from 'node:crypto'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import type { Logins, Reason } from './failed-logins.ts'
import { Problem } from './problem.ts'
import { type ApiKey, type Scope, scopes, sha256Of } from './read-api-keys.ts'
import { remoteAddressOf } from './remote-address.ts'
import { patternOf } from './route-of.ts'

/** What each route needs, as `POST /orders/:id/plan`: one of these scopes. A route that is not listed needs all of them. */
export type RouteScopes = Record<string, readonly Scope[]>

type Options = {
  keys: ApiKey[]
  routes: RouteScopes
  openRoutes: string[]
  /** Paths of open routes that show more to who has a key. */
  moreWithKey: string[]
  logins: Logins
}

/**
 * `Authorization: Bearer <secret>` on every route but the open ones, each a method and a path: `GET /plans`. An address with
 * many failures is answered 429 without a look at its key; open routes answer everybody.
 */
export function requireApiKey(
  app: OpenAPIHono,
  { keys, routes, openRoutes, moreWithKey, logins }: Options,
): MiddlewareHandler {
  return async (c, next) => {
    const method = c.req.method === 'HEAD' ? 'GET' : c.req.method
    const { path } = c.req
    const isOpen = openRoutes.includes(`${method} ${path}`)
    if (isOpen && !(moreWithKey.includes(path) && c.req.header('authorization'))) return next()
    const throttledFor = logins.throttledFor(remoteAddressOf(c))
    if (isOpen && throttledFor !== null) return next()
    if (throttledFor !== null) throw tooManyFailedLogins(throttledFor)
    const key = logIn(c, keys, logins)
    c.set('apiKey', key.name)
    c.set('scopes', key.scopes)
    if (isOpen) return next()
    const needed = scopesOf(app, { method, path, routes })
    if (needed === null || needed.some((scope) => key.scopes.has(scope))) return next()
    throw new Problem(
      403,
      'scope_missing',
      `The API key ${key.name} lacks ${needed.map((scope) => `\`${scope}\``).join(' or ')}: see its entry in API_KEYS.`,
    )
  }
}

function tooManyFailedLogins(retryAfterSeconds: number): Problem {
  return new Problem(
    429,
    'too_many_failed_logins',
    `Too many API keys from this address were refused: correct the key, and try again in ${retryAfterSeconds} s.`,
    { retryAfterSeconds },
  )
}

const reasons: Record<string, Reason> = { api_key_missing: 'missing', api_key_expired: 'expired' }

function logIn(c: Context, keys: ApiKey[], logins: Logins): ApiKey {
  const address = remoteAddressOf(c)
  try {
    const key = keyOf(c, keys)
    logins.succeeded(address)
    return key
  } catch (error) {
    if (error instanceof Problem) logins.failed(address, reasons[error.code] ?? 'unknown')
    throw error
  }
}

function keyOf(c: Context, keys: ApiKey[]): ApiKey {
  const [, secret] = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? []
  if (!secret) throw new Problem(401, 'api_key_missing', 'Send an API key: `Authorization: Bearer <secret>`.')
  const hash = sha256Of(secret)
  const key = keys.find((candidate) => timingSafeEqual(candidate.sha256, hash))
  if (!key) throw new Problem(401, 'api_key_unknown', 'This API key is not one of API_KEYS.')
  if (key.expiresAt && key.expiresAt <= new Date())
    throw new Problem(
      401,
      'api_key_expired',
      `The API key ${key.name} expired on ${new Date(key.expiresAt.getTime() - 1).toISOString().slice(0, 10)}.`,
    )
  return key
}

/** Null where there is no such route: then the answer is that. */
function scopesOf(
  app: OpenAPIHono,
  { method, path, routes }: { method: string; path: string; routes: RouteScopes },
): readonly Scope[] | null {
  const pattern = patternOf(app, method, path)
  return pattern === null ? null : (routes[`${method} ${pattern}`] ?? scopes)
}
