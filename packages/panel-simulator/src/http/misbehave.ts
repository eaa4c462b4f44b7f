import type { IncomingMessage } from 'node:http'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { PanelFaultEffect, PanelFaults } from '../faults.ts'
import type { Sleep } from '../time.ts'
import { daemonUnreachable } from '../wings/daemon-errors.ts'
import { cors, respondError } from './answer.ts'
import {
  accessDenied,
  notFound,
  PanelError,
  tooManyAttempts,
  unauthenticated,
  underMaintenance,
  unexpected,
} from './errors.ts'
import { answerInFront } from './front.ts'

type Serve = (request: Request) => Promise<Response>

/** Stands between the network and the panel. */
export function createMisbehaviour({
  faults,
  sleep,
  now,
}: {
  faults: PanelFaults
  sleep: Sleep
  now: () => number
}) {
  return async (request: Request, incoming: IncomingMessage, serve: Serve): Promise<Response> => {
    const fault = faults.take(request.method, new URL(request.url).pathname)
    switch (fault?.kind) {
      case undefined:
        return serve(request)
      case 'status':
        return respondError(request, errorOf(fault, now()), cors)
      case 'created-then-504':
        await serve(request)
        return answerInFront('nginx-504', request)
      case 'lost-response':
        await serve(request)
        return cutOff(incoming)
      case 'hang':
        if (fault.work) await serve(request)
        return neverAnswer(incoming)
      case 'refused':
        return cutOff(incoming)
      case 'slow':
        await sleep(fault.ms)
        return serve(request)
      case 'front':
        return answerInFront(fault.as, request)
      case 'respond':
        if (fault.work) await serve(request)
        return new Response(fault.body, { status: fault.status, headers: fault.headers })
    }
  }
}

function errorOf(
  { status, code, detail, retryAfterS }: Extract<PanelFaultEffect, { kind: 'status' }>,
  now: number,
) {
  const usual = usualError(status, { retryAfterS: retryAfterS ?? 57, now })
  if (code === undefined && detail === undefined) return usual
  const [problem] = usual.problems
  return new PanelError(status, code ?? usual.code, detail ?? problem?.detail ?? '', {
    as: usual.as,
    headers: usual.headers,
  })
}

function usualError(status: number, { retryAfterS, now }: { retryAfterS: number; now: number }): PanelError {
  switch (status) {
    case 401:
      return unauthenticated()
    case 403:
      return accessDenied()
    case 404:
      return notFound()
    case 429:
      return tooManyAttempts({
        limit: 240,
        retryAfter: retryAfterS,
        reset: Math.floor(now / 1000) + retryAfterS,
      })
    case 500:
      return unexpected('QueryException')
    case 503:
      return underMaintenance()
    case 504:
      return daemonUnreachable()
    default:
      return new PanelError(status, 'HttpException', 'An unexpected error was encountered.')
  }
}

function cutOff({ socket }: IncomingMessage) {
  socket.destroy()
  return RESPONSE_ALREADY_SENT
}

/** Until the caller gives up, or the simulator closes and with it every connection. */
function neverAnswer({ socket }: IncomingMessage) {
  return new Promise<Response>((resolve) => {
    if (socket.destroyed) resolve(RESPONSE_ALREADY_SENT)
    else socket.once('close', () => resolve(RESPONSE_ALREADY_SENT))
  })
}
