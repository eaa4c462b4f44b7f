export const refundRequestStatuses = ['waiting', 'approved', 'sent', 'done', 'refused', 'failed'] as const

/**
 * `waiting`: for a person, or for the setting that needs none. `approved`: to be sent. `sent`: Stripe may have it. `done`: Stripe
 * has it. `refused`: by a person. `failed`: Stripe refused it, and asking again as it is would not help.
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
  /** Raised when Stripe has saved an error under the key before. */
  keyRound: number
  nextAttemptAt: Date | null
  error: string | null
  note: string | null
  createdAt: Date
  sentAt: Date | null
}

/** The same for every try whose end nobody knows, so that Stripe makes one refund of them. */
export function idempotencyKeyOf({ id, keyRound }: Pick<RefundRequest, 'id' | 'keyRound'>): string {
  return `refund:${id}:${keyRound}`
}

export type RefundEnd =
  | { status: 'done'; refundId: string | null; note: string }
  | { status: 'failed'; error: string }
  /** Nobody knows, or not now: it is tried again. */
  | { status: 'sent'; error: string; againInMs: number; keyRound: number }

export type RefundMode = 'manual' | 'automatic' | 'dry-run'
