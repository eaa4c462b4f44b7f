import { createMiddleware } from 'hono/factory'
import { ApiError } from './api-error.ts'
import type { Env } from './call.ts'

/** Takes the key as a bearer token or, as curl's `-u sk_test_…:`, as the name of basic authentication. */
export function authenticate(secretKey: string) {
  return createMiddleware<Env>(async (call, next) => {
    const key = keyOf(call.req.header('authorization'))
    if (key === undefined) {
      throw new ApiError(
        401,
        "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
      )
    }
    if (key !== secretKey) throw new ApiError(401, `Invalid API Key provided: ${masked(key)}`)
    await next()
  })
}

function keyOf(header: string | undefined) {
  const [scheme, credentials] = header?.split(' ') ?? []
  if (scheme === 'Bearer') return credentials
  if (scheme !== 'Basic' || credentials === undefined) return undefined
  return Buffer.from(credentials, 'base64').toString().split(':')[0]
}

function masked(key: string) {
  return key.length <= 12
    ? '*'.repeat(key.length)
    : `${key.slice(0, 8)}${'*'.repeat(key.length - 12)}${key.slice(-4)}`
}
