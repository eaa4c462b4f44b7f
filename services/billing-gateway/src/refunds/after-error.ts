import Stripe from 'stripe'
import type { RefundRequest } from '../rules/refund-request.ts'
import type { RefundEnd } from '../store/record-refund.ts'
import { isPassing } from '../stripe/client.ts'

const firstPauseMs = 15_000
const longestPauseMs = 3_600_000
const settledAfterMs = 60_000

/** What follows when a try throws: another one later, or the end of it where Stripe would say the same again. */
export function afterError(
  error: unknown,
  { attempts, keyRound }: Pick<RefundRequest, 'attempts' | 'keyRound'>,
  timeScale: number,
): RefundEnd {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof Stripe.errors.StripeInvalidRequestError && !isPassing(error))
    return { status: 'failed', error: `Stripe refused: ${message}` }
  const isKept = isKeptUnderItsKey(error)
  const pauseMs = Math.min(firstPauseMs * 2 ** Math.min(attempts - 1, 12), longestPauseMs)
  return {
    status: 'sent',
    error: message,
    againInMs: Math.max(isKept ? settledAfterMs : 0, pauseMs * (0.75 + Math.random() / 2)) * timeScale,
    keyRound: isKept ? keyRound + 1 : keyRound,
  }
}

/**
 * Stripe repeats a 500 for as long as it knows the key, so only another key helps; it is used once time has shown whether there
 * is a refund after all. After a timeout, or what a proxy answered, the call may still be under way: then the key has to stay.
 */
function isKeptUnderItsKey(error: unknown): boolean {
  // The same key with another amount, because some of it was refunded by hand meanwhile.
  if (error instanceof Stripe.errors.StripeIdempotencyError) return error.code !== 'idempotency_key_in_use'
  if (!(error instanceof Stripe.errors.StripeAPIError)) return false
  return error.statusCode === 500 || error.headers?.['idempotent-replayed'] === 'true'
}
