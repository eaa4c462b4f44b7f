import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { Problem } from './problem.ts'

/** `Authorization: Bearer <secret>` on every route but the open ones, each a method and a path: `GET /plans`. */
export function requireApiKey(apiKeys: Map<string, string>, openRoutes: string[]): MiddlewareHandler {
  const known = [...apiKeys].map(([name, secret]) => ({ name, hash: sha256(secret) }))
  return async (c, next) => {
    const method = c.req.method === 'HEAD' ? 'GET' : c.req.method
    if (openRoutes.includes(`${method} ${c.req.path}`)) return next()
    const [, secret] = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? []
    if (!secret)
      throw new Problem(401, 'api_key_missing', 'Send an API key: `Authorization: Bearer <secret>`.')
    const hash = sha256(secret)
    const key = known.find((candidate) => timingSafeEqual(candidate.hash, hash))
    if (!key) throw new Problem(401, 'api_key_unknown', 'This API key is not one of API_KEYS.')
    c.set('apiKey', key.name)
    return next()
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
