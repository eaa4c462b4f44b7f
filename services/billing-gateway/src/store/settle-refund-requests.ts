import { sql, type Transaction } from '@spawnpoint/database'

/** What was refunded after the backup was made is done: nobody is asked for it again. */
export async function settleRefundRequests(db: Transaction): Promise<number> {
  return await db.$executeRaw(
    sql`UPDATE refund_request JOIN refund ON refund.refund_request_id = refund_request.id
        SET refund_request.status = 'done', refund_request.refund_id = refund.id, refund_request.next_attempt_at = NULL,
          refund_request.error = NULL, refund_request.note = CONCAT('Refunded with ', refund.id, '.'),
          refund_request.sent_at = COALESCE(refund_request.sent_at, refund.as_of), refund_request.updated_at = UTC_TIMESTAMP(3)
        WHERE refund_request.status <> 'done' AND refund.status NOT IN ('failed', 'canceled')`,
  )
}
