export const refundRequestStatuses = ['waiting', 'approved', 'sent', 'done', 'refused', 'failed'] as const

/**
 * `waiting`: for approval by a person or the setting. `approved`: to be sent. `sent`: Stripe may have it. `done`: Stripe has
 * it. `refused`: by a person. `failed`: Stripe refused it, and would again.
 */
export type RefundRequestStatus = (typeof refundRequestStatuses)[number]

export type RefundRequest = {
  id: string
  orderId: string
  paymentId: string
  /** Minor units. */
  amount: number
  currency: string
  reason: string
  status: RefundRequestStatus
  refundId: string | null
  decidedBy: string | null
  attempts: number
  /** Raised when Stripe has saved an error under the previous key. */
  keyRound: number
  nextAttemptAt: Date | null
  error: string | null
  note: string | null
  createdAt: Date
  sentAt: Date | null
}

/** The same for every attempt whose result is unknown, so that Stripe makes one refund of them. */
export function idempotencyKeyOf({ id, keyRound }: Pick<RefundRequest, 'id' | 'keyRound'>): string {
  return `refund:${id}:${keyRound}`
}

export type RefundEnd =
  | { status: 'done'; refundId: string | null; note: string }
  | { status: 'failed'; error: string }
  /** The result is unknown, or temporary: it is retried. */
  | { status: 'sent'; error: string; againInMs: number; keyRound: number }

export type RefundMode = 'manual' | 'automatic' | 'dry-run'
