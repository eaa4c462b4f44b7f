import { timingSafeEqual } from 'node:crypto'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import { Problem } from './problem.ts'
import { type ApiKey, type Scope, scopes, sha256Of } from './read-api-keys.ts'

/** What each route needs, as `POST /orders/:id/plan`: one of these scopes. A route that is not listed needs all of them. */
export type RouteScopes = Record<string, readonly Scope[]>

/** `Authorization: Bearer <secret>` on every route but the open ones, each a method and a path: `GET /plans`. */
export function requireApiKey(
  app: OpenAPIHono,
  { keys, routes, openRoutes }: { keys: ApiKey[]; routes: RouteScopes; openRoutes: string[] },
): MiddlewareHandler {
  return async (c, next) => {
    const method = c.req.method === 'HEAD' ? 'GET' : c.req.method
    if (openRoutes.includes(`${method} ${c.req.path}`)) return next()
    const key = keyOf(c, keys)
    c.set('apiKey', key.name)
    c.set('scopes', key.scopes)
    const needed = scopesOf(app, { method, path: c.req.path, routes })
    if (needed === null || needed.some((scope) => key.scopes.has(scope))) return next()
    throw new Problem(
      403,
      'scope_missing',
      `The API key ${key.name} lacks ${needed.map((scope) => `\`${scope}\``).join(' or ')}: see its entry in API_KEYS.`,
    )
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
  // Middleware matches every path, with the method ALL.
  const matched = app.router.match(method, path)[0].find(([[, route]]) => route.method !== 'ALL')
  if (!matched) return null
  return routes[`${method} ${matched[0][1].path}`] ?? scopes
}
