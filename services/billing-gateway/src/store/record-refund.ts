import { inTransaction, sql, type Transaction, type TransactionClient } from '@spawnpoint/database'
import { step } from '@spawnpoint/service-kit'
import type { RefundRequest } from '../rules/refund-request.ts'
import { type SeenEvent, storeSeen } from './fetched-events.ts'
import { inMs, isStillOurs } from './refund-attempts.ts'

export type RefundEnd =
  | { status: 'done'; refundId: string | null; note: string }
  | { status: 'failed'; error: string }
  /** Nobody knows, or not now: it is tried again. */
  | { status: 'sent'; error: string; againInMs: number; keyRound: number }

/** What became of a try, together with what Stripe showed meanwhile: that goes the road of every event. */
export async function recordRefund<Tx extends Transaction>(
  prisma: TransactionClient<Tx>,
  request: RefundRequest,
  { end, seen }: { end: RefundEnd; seen: SeenEvent[] },
): Promise<void> {
  await inTransaction(prisma, async (tx) => {
    await tx.$executeRaw(
      sql`UPDATE refund_request SET ${columnsOf(end)}, updated_at = UTC_TIMESTAMP(3) WHERE ${isStillOurs(request)}`,
    )
    await storeSeen(tx, seen)
    step('refund.before-record')
  })
  step('refund.after-record')
}

function columnsOf(end: RefundEnd) {
  switch (end.status) {
    case 'done':
      return sql`status = 'done', refund_id = ${end.refundId}, note = ${end.note}, error = NULL, next_attempt_at = NULL`
    case 'failed':
      return sql`status = 'failed', error = ${end.error.slice(0, 1000)}, next_attempt_at = NULL`
    case 'sent':
      return sql`error = ${end.error.slice(0, 1000)}, key_round = ${end.keyRound}, next_attempt_at = ${inMs(end.againInMs)}`
    default:
      return end satisfies never
  }
}
