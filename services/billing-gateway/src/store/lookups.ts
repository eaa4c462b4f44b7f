import { sql, type Transaction } from '@spawnpoint/database'
import type { Tx } from './tx.ts'

/** How many events wait for a lookup, since when the first one does, and what Stripe refused one with. */
export async function countPendingLookups(
  db: Tx,
): Promise<{ waiting: number; since: Date | null; error: string | null }> {
  const found = await db.stripeEvent.aggregate({
    where: { waitingFor: { startsWith: 'look:' } },
    _count: true,
    _min: { receivedAt: true },
    _max: { error: true },
  })
  return { waiting: found._count, since: found._min.receivedAt, error: found._max.error }
}

export type PendingLookup = {
  target: string
  lastSeq: bigint
  newest: Date
  hasFailed: number | bigint | null
}

const atMost = 20

export function findPendingLookups(db: Transaction): PromiseLike<PendingLookup[]> {
  return db.$queryRaw<PendingLookup[]>(
    sql`SELECT waiting_for AS target, MAX(seq) AS lastSeq, MAX(created) AS newest, MAX(error IS NOT NULL) AS hasFailed
        FROM stripe_event WHERE waiting_for LIKE 'look:%' GROUP BY waiting_for
        ORDER BY hasFailed, MIN(next_attempt_at) LIMIT ${atMost}`,
  )
}

/** The events that waited for it are due again. */
export async function completeLookup(
  tx: Transaction,
  { target, lastSeq }: Pick<PendingLookup, 'target' | 'lastSeq'>,
): Promise<void> {
  await tx.$executeRaw(
    sql`UPDATE stripe_event FORCE INDEX (stripe_event_waiting_for_idx)
        SET waiting_for = NULL, reason = 'looked', error = NULL, next_attempt_at = UTC_TIMESTAMP(3)
        WHERE waiting_for = ${target} AND seq <= ${lastSeq}`,
  )
}

export function recordFailure(db: Transaction, { target, lastSeq }: PendingLookup, error: unknown) {
  const message = error instanceof Error ? error.message : String(error)
  return db.$executeRaw(
    sql`UPDATE stripe_event FORCE INDEX (stripe_event_waiting_for_idx) SET error = ${message.slice(0, 1000)},
          next_attempt_at = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR
        WHERE waiting_for = ${target} AND seq <= ${lastSeq}`,
  )
}
