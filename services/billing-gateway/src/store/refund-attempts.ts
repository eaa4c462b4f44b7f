import { inTransaction, sql, type Transaction } from '@spawnpoint/database'
import { failpoint } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import type { FetchedEvent } from '../rules/fetched-event.ts'
import type { RefundEnd, RefundRequest } from '../rules/refund-request.ts'
import { storeFetched } from './journal.ts'
import { countSentToday, readRefundRequest, readRequests } from './refund-requests.ts'

type Claiming = { perDay: number; leaseMs: number }

/**
 * The next due request, with this attempt stored: no one else takes it until the lease expires. A request that is sent for the
 * first time counts towards the daily limit; beyond it only those continue that were sent before.
 */
export async function claimRefund(
  prisma: PrismaClient,
  { perDay, leaseMs }: Claiming,
): Promise<RefundRequest | null> {
  const due = await readRequests(prisma, sql`${isDue} LIMIT 1`)
  if (due.length === 0) return null
  failpoint('refund.before-claim')
  const claimed = await inTransaction(prisma, async (tx) => {
    // One claim at a time, or two replicas could both take the last one of the day.
    await tx.$executeRaw(
      sql`INSERT INTO lease (name, owner, expires_at) VALUES ('refund-claim', '', UTC_TIMESTAMP(3))
          ON DUPLICATE KEY UPDATE expires_at = UTC_TIMESTAMP(3)`,
    )
    const isFull = (await countSentToday(tx)) >= perDay
    const [due] = await readRequests(
      tx,
      sql`${isDue} ${isFull ? sql`AND sent_at IS NOT NULL` : sql``}
          ORDER BY next_attempt_at LIMIT 1 FOR UPDATE`,
    )
    if (!due) return null
    await tx.$executeRaw(
      sql`UPDATE refund_request SET status = 'sent', sent_at = COALESCE(sent_at, UTC_TIMESTAMP(3)), attempts = attempts + 1,
            next_attempt_at = ${inMs(leaseMs)}, updated_at = UTC_TIMESTAMP(3)
          WHERE id = ${due.id}`,
    )
    return await readRefundRequest(tx, due.id)
  })
  if (claimed) failpoint('refund.after-claim')
  return claimed
}

const isDue = sql`next_attempt_at <= UTC_TIMESTAMP(3) AND status IN ('approved', 'sent')`

/** False when another replica has it by now. */
export async function renewClaim(db: Transaction, request: RefundRequest, leaseMs: number): Promise<boolean> {
  const renewed = await db.$executeRaw(
    sql`UPDATE refund_request SET next_attempt_at = ${inMs(leaseMs)}
        WHERE ${isStillOurs(request)} AND next_attempt_at > UTC_TIMESTAMP(3)`,
  )
  return renewed > 0
}

function isStillOurs({ id, attempts }: RefundRequest) {
  return sql`id = ${id} AND status = 'sent' AND attempts = ${attempts}`
}

function inMs(ms: number) {
  return sql`UTC_TIMESTAMP(3) + INTERVAL ${Math.round(ms) * 1_000} MICROSECOND`
}

/** The result of an attempt, together with what it fetched from Stripe, which is processed like every event. */
export async function recordRefund(
  prisma: PrismaClient,
  request: RefundRequest,
  { end, fetched }: { end: RefundEnd; fetched: FetchedEvent[] },
): Promise<void> {
  await inTransaction(prisma, async (tx) => {
    await tx.$executeRaw(
      sql`UPDATE refund_request SET ${columnsOf(end)}, updated_at = UTC_TIMESTAMP(3) WHERE ${isStillOurs(request)}`,
    )
    await storeFetched(tx, fetched)
    failpoint('refund.before-record')
  })
  failpoint('refund.after-record')
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

/** The next due request, whether or not it may be sent. */
export async function findDueRequest(db: Transaction): Promise<RefundRequest | null> {
  const [request] = await readRequests(
    db,
    sql`next_attempt_at <= UTC_TIMESTAMP(3) AND status IN ('waiting', 'approved', 'sent') ORDER BY next_attempt_at LIMIT 1`,
  )
  return request ?? null
}

export async function noteRequest(
  db: Transaction,
  { id, note, againInMs }: { id: string; note: string; againInMs: number },
): Promise<void> {
  await db.$executeRaw(
    sql`UPDATE refund_request SET note = ${note.slice(0, 1000)}, next_attempt_at = ${inMs(againInMs)} WHERE id = ${id}`,
  )
}
