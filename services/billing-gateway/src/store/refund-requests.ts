import type { RefundRequest as Requested } from '@spawnpoint/contracts'
import { join, type Sql, sql, type Transaction } from '@spawnpoint/database'
import type { RefundRequest as Model, Prisma } from '../generated/client.ts'
import type { RefundRequest, RefundRequestStatus } from '../rules/refund-request.ts'
import type { Tx } from './tx.ts'

/** Existing ones are left unchanged. */
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
  db: Tx,
  { status, limit, starting_after: after }: RefundsQuery,
): Promise<{ requests: RefundRequest[]; hasMore: boolean }> {
  const last = after === undefined ? undefined : await db.refundRequest.findUnique({ where: { id: after } })
  if (last === null) return { requests: [], hasMore: false }
  const found = await db.refundRequest.findMany({
    where: { ...(status === undefined ? {} : { status }), ...(last ? olderThan(last) : {}) },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: limit + 1,
  })
  return { requests: found.slice(0, limit).map(fromRow), hasMore: found.length > limit }
}

function olderThan({ createdAt, id }: Pick<Model, 'createdAt' | 'id'>): Prisma.RefundRequestWhereInput {
  return { OR: [{ createdAt: { lt: createdAt } }, { createdAt, id: { lt: id } }] }
}

export async function readRefundRequest(db: Tx, id: string): Promise<RefundRequest | null> {
  const row = await db.refundRequest.findUnique({ where: { id } })
  return row && fromRow(row)
}

function fromRow({ updatedAt: _, status, amount, ...row }: Model): RefundRequest {
  return { ...row, status: status as RefundRequestStatus, amount: Number(amount) }
}

type Row = Omit<RefundRequest, 'amount'> & { amount: bigint }

export async function readRequests(db: Transaction, where: Sql): Promise<RefundRequest[]> {
  const rows = await db.$queryRaw<Row[]>(
    sql`SELECT id, order_id AS orderId, payment_id AS paymentId, amount, currency, reason, status, refund_id AS refundId,
          decided_by AS decidedBy, attempts, key_round AS keyRound, next_attempt_at AS nextAttemptAt, error, note,
          created_at AS createdAt, sent_at AS sentAt
        FROM refund_request WHERE ${where}`,
  )
  return rows.map((row) => ({ ...row, amount: Number(row.amount) }))
}

/** Marks requests as done whose refund was made after the backup, so that they are not sent again. */
export async function settleRefundRequests(db: Transaction): Promise<number> {
  return await db.$executeRaw(
    sql`UPDATE refund_request JOIN refund ON refund.refund_request_id = refund_request.id
        SET refund_request.status = 'done', refund_request.refund_id = refund.id, refund_request.next_attempt_at = NULL,
          refund_request.error = NULL, refund_request.note = CONCAT('Refunded with ', refund.id, '.'),
          refund_request.sent_at = COALESCE(refund_request.sent_at, refund.as_of), refund_request.updated_at = UTC_TIMESTAMP(3)
        WHERE refund_request.status <> 'done' AND refund.status NOT IN ('failed', 'canceled')`,
  )
}

type Decision = { status: 'approved' | 'refused'; by: string; note: string | null }

const from: Record<Decision['status'], RefundRequestStatus[]> = {
  approved: ['waiting', 'refused', 'failed'],
  // A request that was sent may have been executed: it can no longer be refused.
  refused: ['waiting', 'approved', 'failed'],
}

// The bank may return a refund that Stripe had executed: then nothing has reached the buyer.
const isReturned = sql`status = 'done' AND EXISTS (SELECT 1 FROM refund
  WHERE refund.id = refund_request.refund_id AND refund.status IN ('failed', 'canceled'))`

/**
 * A person's decision about a request. False when it is too late, or there is none. A request that had ended is retried under
 * another key: under the old one Stripe would repeat its result.
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

/** For the setting without approval by a person. */
export async function approveAll(db: Transaction): Promise<number> {
  return await db.$executeRaw(
    sql`UPDATE refund_request SET status = 'approved', decided_by = 'automatic', next_attempt_at = UTC_TIMESTAMP(3),
          updated_at = UTC_TIMESTAMP(3)
        WHERE status = 'waiting'`,
  )
}

export async function countSentToday(db: Transaction): Promise<number> {
  const [row] = await db.$queryRaw<{ sent: bigint }[]>(
    sql`SELECT COUNT(*) AS sent FROM refund_request WHERE sent_at > UTC_TIMESTAMP(3) - INTERVAL 1 DAY`,
  )
  return Number(row?.sent ?? 0)
}

type Counts = {
  waiting: number
  due: number
  capped: number
  retrying: number
  failed: number
  sent_today: number
  /** Since when the first one waits or has failed. */
  oldest: Date | null
}

/** How many requests are in which state; `capped` are those over the daily limit. */
export async function countRefunds(db: Tx, { perDay }: { perDay: number }): Promise<Counts> {
  const waiting = await db.refundRequest.count({ where: { status: 'waiting' } })
  const fresh = await db.refundRequest.count({ where: { status: 'approved', sentAt: null } })
  const retrying = await db.refundRequest.count({ where: { status: 'sent', attempts: { gt: 1 } } })
  const failed = await db.refundRequest.count({ where: { status: 'failed' } })
  const sentToday = await countSentToday(db)
  const oldest = await db.refundRequest.findFirst({
    where: { status: { in: ['waiting', 'failed'] } },
    orderBy: { createdAt: 'asc' },
    select: { createdAt: true },
  })
  return {
    oldest: oldest?.createdAt ?? null,
    waiting,
    due: fresh,
    capped: sentToday >= perDay ? fresh : 0,
    retrying,
    // A refund that the bank returned has not reached the buyer either.
    failed: failed + (await countReturned(db)),
    sent_today: sentToday,
  }
}

async function countReturned(db: Transaction): Promise<number> {
  const [row] = await db.$queryRaw<{ returned: bigint }[]>(
    sql`SELECT COUNT(*) AS returned FROM refund_request WHERE ${isReturned}`,
  )
  return Number(row?.returned ?? 0)
}
