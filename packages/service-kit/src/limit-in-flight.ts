import type { MiddlewareHandler } from 'hono'
import { Problem } from './problem.ts'

type Lane = { inFlight: number; atMost: number }

const fewest = 8

/**
 * 503 at once when so many requests of a kind (`POST /orders`) are being answered. Without a bound, what queued up during an
 * outage is served after its callers have gone, times out, comes again, and keeps the service down once the outage is over.
 * The bound finds itself: it shrinks with each answer 503, and grows again with those that went well.
 */
export function limitInFlight(atMost: number, exempt: string[]): MiddlewareHandler {
  const lanes = new Map<string, Lane>()
  return async (c, next) => {
    if (exempt.includes(c.req.path)) return next()
    const kind = `${c.req.method} /${c.req.path.split('/')[1]}`
    const lane = lanes.get(kind) ?? { inFlight: 0, atMost }
    if (lane.inFlight >= lane.atMost)
      throw new Problem(503, 'busy', `${lane.inFlight} requests like it are being answered: send it again.`, {
        retryAfterSeconds: 1,
      })
    lanes.set(kind, lane)
    lane.inFlight += 1
    try {
      await next()
    } finally {
      lane.inFlight -= 1
      lane.atMost = adjusted(lane.atMost, c.res.status === 503, atMost)
      if (lane.inFlight === 0 && lane.atMost === atMost) lanes.delete(kind)
    }
  }
}

// Down by a tenth for each, so that a few dozen are enough; up by one for each full round.
function adjusted(current: number, isOverloaded: boolean, most: number): number {
  return isOverloaded
    ? Math.max(Math.min(fewest, most), current * 0.9)
    : Math.min(most, current + 1 / current)
}
