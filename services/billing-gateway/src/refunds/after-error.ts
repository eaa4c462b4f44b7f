import type { RefundEnd, RefundRequest } from '../rules/refund-request.ts'
import { isInvalidRequest, isKeptUnderItsKey } from '../stripe/errors.ts'

const firstPauseMs = 15_000
const longestPauseMs = 3_600_000
const settledAfterMs = 60_000

/** What follows a failed attempt: a retry, or the end where Stripe would refuse again. */
export function afterError(
  error: unknown,
  { attempts, keyRound }: Pick<RefundRequest, 'attempts' | 'keyRound'>,
  timeScale: number,
): RefundEnd {
  const message = error instanceof Error ? error.message : String(error)
  if (isInvalidRequest(error)) return { status: 'failed', error: `Stripe refused: ${message}` }
  const isKept = isKeptUnderItsKey(error)
  const pauseMs = Math.min(firstPauseMs * 2 ** Math.min(attempts - 1, 12), longestPauseMs)
  return {
    status: 'sent',
    error: message,
    againInMs: Math.max(isKept ? settledAfterMs : 0, pauseMs * (0.75 + Math.random() / 2)) * timeScale,
    keyRound: isKept ? keyRound + 1 : keyRound,
  }
}
