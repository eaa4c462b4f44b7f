import { createMiddleware } from 'hono/factory'
import { ApiError } from './api-error.ts'
import { type Env, send } from './call.ts'

type Saved = { status: number; body: string; requestId: string }
type Known = { path: string; params: string; since: number; saved: Saved | undefined }

/** Stripe keeps keys for at least a day. */
const keptForMs = 24 * 3_600_000

/**
 * A POST with a known Idempotency-Key is not carried out again: it gets the first answer, a 500 included. What never
 * began (validation errors, bad keys, rate limits) is not kept. Source: docs.stripe.com/api/idempotent_requests.
 */
export function idempotency(now: () => number) {
  const known = new Map<string, Known>()

  return createMiddleware<Env>(async (call, next) => {
    const key = call.req.header('idempotency-key')
    if (call.req.method !== 'POST' || key === undefined) return next()
    if (key.length > 255) throw new ApiError(400, 'Idempotency keys can have up to 255 characters.')

    const path = new URL(call.req.url).pathname
    const params = JSON.stringify([...new URLSearchParams(await call.req.text())].sort())
    const before = known.get(key)
    if (before && now() - before.since < keptForMs) {
      refuseOtherUse(before, { key, path, params })
      if (before.saved) return replay(before.saved)
      throw inUse(key)
    }

    const entry: Known = { path, params, since: now(), saved: undefined }
    known.set(key, entry)
    await next()
    const { status } = call.res
    call.res.headers.set('idempotency-key', key)
    call.res.headers.set('original-request', call.get('requestId'))
    if (isKept(status))
      entry.saved = { status, body: await call.res.clone().text(), requestId: call.get('requestId') }
    else known.delete(key)

    function replay(saved: Saved) {
      return send(call, saved.status, saved.body, {
        'idempotency-key': key ?? '',
        'idempotent-replayed': 'true',
        'original-request': saved.requestId,
      })
    }
  })
}

function isKept(status: number) {
  return status < 400 || status === 402 || status >= 500
}

function refuseOtherUse(before: Known, { key, path, params }: { key: string; path: string; params: string }) {
  if (before.path !== path) {
    throw new ApiError(
      400,
      `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${before.path}' vs '${path}'). Try using a key other than '${key}' if you meant to execute a different request.`,
      { type: 'idempotency_error' },
    )
  }
  if (before.params !== params) {
    throw new ApiError(
      400,
      `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
      { type: 'idempotency_error' },
    )
  }
}

function inUse(key: string) {
  return new ApiError(
    409,
    `There is currently another in-progress request using this Stripe-Idempotent-Key: ${key} (that probably means you submitted twice, and the other request is still going through).`,
    { code: 'idempotency_key_in_use', type: 'idempotency_error' },
  )
}
