import { sql, type Transaction } from '@spawnpoint/database'
import { countSentToday } from '../store/refund-attempts.ts'
import type { RefundMode } from './start-refunds.ts'

type Options = { mode: RefundMode; perDay: number }
type Counts = {
  waiting: number
  due: number
  capped: number
  retrying: number
  failed: number
  sent_today: number
}

/** How many requests are where; `capped` are those that the day has no place left for. */
export async function countRefunds(db: Transaction, { perDay }: Options): Promise<Counts> {
  const [row] = await db.$queryRaw<
    { waiting: bigint; fresh: bigint; retrying: bigint; failed: bigint; returned: bigint }[]
  >(
    sql`SELECT (SELECT COUNT(*) FROM refund_request WHERE status = 'waiting') AS waiting,
          (SELECT COUNT(*) FROM refund_request WHERE status = 'approved' AND sent_at IS NULL) AS fresh,
          (SELECT COUNT(*) FROM refund_request WHERE status = 'sent' AND attempts > 1) AS retrying,
          (SELECT COUNT(*) FROM refund_request WHERE status = 'failed') AS failed,
          (SELECT COUNT(*) FROM refund_request JOIN refund ON refund.id = refund_request.refund_id
            WHERE refund_request.status = 'done' AND refund.status IN ('failed', 'canceled')) AS returned`,
  )
  const sentToday = await countSentToday(db)
  const fresh = Number(row?.fresh ?? 0)
  return {
    waiting: Number(row?.waiting ?? 0),
    due: fresh,
    capped: sentToday >= perDay ? fresh : 0,
    retrying: Number(row?.retrying ?? 0),
    // What the bank sent back later has not reached the buyer either.
    failed: Number(row?.failed ?? 0) + Number(row?.returned ?? 0),
    sent_today: sentToday,
  }
}

/** Why somebody has to look; null when nobody has to. */
export async function refundTrouble(db: Transaction, options: Options): Promise<string | null> {
  const { waiting, capped, retrying, failed } = await countRefunds(db, options)
  const parts = [
    waiting > 0 && options.mode !== 'automatic'
      ? `${waiting} wait for \`npx spawnpoint refunds approve\``
      : '',
    capped > 0 ? `${capped} wait for tomorrow: REFUNDS_PER_DAY is ${options.perDay}` : '',
    retrying > 0 ? `${retrying} are not through yet` : '',
    failed > 0 ? `${failed} failed, or came back from the bank: \`npx spawnpoint refunds list\`` : '',
  ].filter(Boolean)
  return parts.length === 0 ? null : parts.join('; ')
}
