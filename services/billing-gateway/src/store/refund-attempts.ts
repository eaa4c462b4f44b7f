import { inTransaction, sql, type Transaction, type TransactionClient } from '@spawnpoint/database'
import { step } from '@spawnpoint/service-kit'
import type { RefundRequest } from '../rules/refund-request.ts'
import { readRefundRequest, readRequests } from './refund-requests.ts'

type Claiming = { perDay: number; leaseMs: number }

/**
 * The next request that is due, with this try written down: nobody else tries it until the lease is over. One that is sent for
 * the first time counts against the day; past that, only those go on that were sent before.
 */
export async function claimRefund<Tx extends Transaction>(
  prisma: TransactionClient<Tx> & Transaction,
  { perDay, leaseMs }: Claiming,
): Promise<RefundRequest | null> {
  const due = await readRequests(prisma, sql`${isDue} LIMIT 1`)
  if (due.length === 0) return null
  step('refund.before-claim')
  const claimed = await inTransaction(prisma, async (tx) => {
    // One claim at a time, or two replicas would both take the last place of the day.
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
  if (claimed) step('refund.after-claim')
  return claimed
}

const isDue = sql`next_attempt_at <= UTC_TIMESTAMP(3) AND status IN ('approved', 'sent')`

/** False when somebody else has it by now. */
export async function renewClaim(db: Transaction, request: RefundRequest, leaseMs: number): Promise<boolean> {
  const renewed = await db.$executeRaw(
    sql`UPDATE refund_request SET next_attempt_at = ${inMs(leaseMs)}
        WHERE ${isStillOurs(request)} AND next_attempt_at > UTC_TIMESTAMP(3)`,
  )
  return renewed > 0
}

export function isStillOurs({ id, attempts }: RefundRequest) {
  return sql`id = ${id} AND status = 'sent' AND attempts = ${attempts}`
}

export function inMs(ms: number) {
  return sql`UTC_TIMESTAMP(3) + INTERVAL ${Math.round(ms) * 1_000} MICROSECOND`
}

export async function countSentToday(db: Transaction): Promise<number> {
  const [row] = await db.$queryRaw<{ sent: bigint }[]>(
    sql`SELECT COUNT(*) AS sent FROM refund_request WHERE sent_at > UTC_TIMESTAMP(3) - INTERVAL 1 DAY`,
  )
  return Number(row?.sent ?? 0)
}
