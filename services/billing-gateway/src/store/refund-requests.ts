import type { RefundRequest as Requested } from '@spawnpoint/contracts'
import { join, type Sql, sql, type Transaction } from '@spawnpoint/database'
import type { RefundRequest, RefundRequestStatus } from '../rules/refund-request.ts'

/** Those that are there already stay as they are. */
export async function addRefundRequests(
  tx: Transaction,
  requests: (Requested & { orderId: string })[],
): Promise<void> {
  if (requests.length === 0) return
  const rows = requests
    .toSorted((a, b) => (a.refund_request_id < b.refund_request_id ? -1 : 1))
    .map(
      ({ refund_request_id, orderId, payment_id, amount, reason }) =>
        sql`(${refund_request_id}, ${orderId}, ${payment_id}, ${amount.amount}, ${amount.currency}, ${reason}, 'waiting',
          UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
    )
  await tx.$executeRaw(
    sql`INSERT INTO refund_request (id, order_id, payment_id, amount, currency, reason, status, next_attempt_at, created_at, updated_at)
        VALUES ${join(rows)} ON DUPLICATE KEY UPDATE id = refund_request.id`,
  )
}

export type RefundsQuery = {
  status?: RefundRequestStatus | undefined
  limit: number
  starting_after?: string | undefined
}

/** Newest first. */
export async function listRefundRequests(
  db: Transaction,
  { status, limit, starting_after: after }: RefundsQuery,
): Promise<{ requests: RefundRequest[]; hasMore: boolean }> {
  const found = await readRequests(
    db,
    sql`${status === undefined ? sql`TRUE` : sql`status = ${status}`}
      ${after === undefined ? sql`` : sql`AND (created_at, id) < (SELECT created_at, id FROM refund_request WHERE id = ${after})`}
      ORDER BY created_at DESC, id DESC LIMIT ${limit + 1}`,
  )
  return { requests: found.slice(0, limit), hasMore: found.length > limit }
}

export async function readRefundRequest(db: Transaction, id: string): Promise<RefundRequest | null> {
  const [request] = await readRequests(db, sql`id = ${id}`)
  return request ?? null
}

type Row = Omit<RefundRequest, 'amount'> & { amount: bigint | number }

export async function readRequests(db: Transaction, where: Sql): Promise<RefundRequest[]> {
  const rows = await db.$queryRaw<Row[]>(
    sql`SELECT id, order_id AS orderId, payment_id AS paymentId, amount, currency, reason, status, refund_id AS refundId,
          decided_by AS decidedBy, attempts, key_round AS keyRound, next_attempt_at AS nextAttemptAt, error, note,
          created_at AS createdAt, sent_at AS sentAt
        FROM refund_request WHERE ${where}`,
  )
  return rows.map((row) => ({ ...row, amount: Number(row.amount) }))
}
