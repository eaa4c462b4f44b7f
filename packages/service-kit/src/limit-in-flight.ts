import type { MiddlewareHandler } from 'hono'
import { Problem } from './problem.ts'

/**
 * 503 at once when so many requests are being answered. Without a bound, what queued up during an outage is served after its
 * callers have gone, times out, comes again, and keeps the service down once the outage is over.
 */
export function limitInFlight(atMost: number, exempt: string[]): MiddlewareHandler {
  let inFlight = 0
  return async (c, next) => {
    if (exempt.includes(c.req.path)) return next()
    if (inFlight >= atMost)
      throw new Problem(503, 'busy', `${atMost} requests are being answered: send this one again.`, {
        retryAfterSeconds: 1,
      })
    inFlight += 1
    try {
      await next()
    } finally {
      inFlight -= 1
    }
  }
}
