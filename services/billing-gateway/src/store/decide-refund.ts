import { join, sql, type Transaction } from '@spawnpoint/database'
import type { RefundRequestStatus } from '../rules/refund-request.ts'

type Decision = { status: 'approved' | 'refused'; by: string; note: string | null }

const from: Record<Decision['status'], RefundRequestStatus[]> = {
  approved: ['waiting', 'refused', 'failed'],
  // What was sent may have been carried out: it can no longer be called off.
  refused: ['waiting', 'approved', 'failed'],
}

// What Stripe had carried out the bank may still send back: then nothing has reached the buyer.
const isReturned = sql`status = 'done' AND EXISTS (SELECT 1 FROM refund
  WHERE refund.id = refund_request.refund_id AND refund.status IN ('failed', 'canceled'))`

/**
 * What a person says of a request. False when it is too late for that, or there is none. What came to an end before is tried
 * under another key: under the old one Stripe would repeat that end.
 */
export async function decideRefund(
  db: Transaction,
  id: string,
  { status, by, note }: Decision,
): Promise<boolean> {
  const mayBe =
    status === 'approved'
      ? sql`(status IN (${join(from.approved)}) OR (${isReturned}))`
      : sql`status IN (${join(from.refused)}) AND (status <> 'approved' OR sent_at IS NULL)`
  const changed = await db.$executeRaw(
    sql`UPDATE refund_request SET key_round = key_round + IF(status IN ('failed', 'done'), 1, 0), status = ${status}, decided_by = ${by}, note = ${note}, error = NULL,
          next_attempt_at = ${status === 'approved' ? sql`UTC_TIMESTAMP(3)` : null}, updated_at = UTC_TIMESTAMP(3)
        WHERE id = ${id} AND ${mayBe}`,
  )
  return changed > 0
}

/** Where no person is asked. */
export async function approveAll(db: Transaction): Promise<number> {
  return await db.$executeRaw(
    sql`UPDATE refund_request SET status = 'approved', decided_by = 'automatic', next_attempt_at = UTC_TIMESTAMP(3),
          updated_at = UTC_TIMESTAMP(3)
        WHERE status = 'waiting'`,
  )
}
