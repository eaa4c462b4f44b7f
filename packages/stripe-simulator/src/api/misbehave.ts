import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { createMiddleware } from 'hono/factory'
import type { ApiFaultEffect, Faults } from '../faults.ts'
import { ApiError } from './api-error.ts'
import type { Call, Env } from './call.ts'

/** Before a call reaches its idempotency key: what fails here was never begun, and what is cut off here may have been. */
export function misbehaveAtTheEdge(faults: Faults) {
  return createMiddleware<Env>(async (call, next) => {
    const fault = faults.takeForCall({ method: call.req.method, path: call.req.path })
    call.set('fault', fault)
    if (fault?.kind === 'refused') return cutOff(call)
    if (fault?.kind === 'hang' && !fault.work) return neverAnswer(call)
    if (fault?.kind === 'status' && neverBegan(fault.status)) throw asError(fault)
    await next()
    if (fault?.kind === 'lost-response') call.res = cutOff(call)
    if (fault?.kind === 'hang') call.res = await neverAnswer(call)
    return undefined
  })
}

/** Within an idempotent call: it takes its time, or fails in a way that its key will remember. */
export function misbehaveInside() {
  return createMiddleware<Env>(async (call, next) => {
    const fault = call.get('fault')
    if (fault?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.ms))
    if (fault?.kind === 'status' && !neverBegan(fault.status)) throw asError(fault)
    await next()
  })
}

/** Rate limits and an unavailable front answer before anything is looked at; other failures happen at work. */
function neverBegan(status: number) {
  return status === 429 || status === 503
}

function asError({ status, message }: Extract<ApiFaultEffect, { kind: 'status' }>) {
  if (status === 429) {
    return new ApiError(
      429,
      message ??
        'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.',
      {
        code: 'rate_limit',
      },
    )
  }
  return new ApiError(status, message ?? 'An unknown error occurred', {
    type: status < 500 ? 'invalid_request_error' : 'api_error',
  })
}

/** Without a socket `fetchWithin` turns the answer that was never sent into the error of a cut connection. */
function cutOff(call: Call) {
  call.env.incoming?.socket.destroy()
  return RESPONSE_ALREADY_SENT
}

/** Until the caller gives up, or the simulator closes and with it every connection. */
function neverAnswer(call: Call) {
  const socket = call.env.incoming?.socket
  return new Promise<Response>((resolve) => {
    if (!socket || socket.destroyed) resolve(RESPONSE_ALREADY_SENT)
    else socket.once('close', () => resolve(RESPONSE_ALREADY_SENT))
  })
}
