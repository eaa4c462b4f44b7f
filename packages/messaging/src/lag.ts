import { sql, type Transaction } from '@spawnpoint/database'

/** What waits to be published, waits for a fact, or is dead. Each count is of one index; the first in the outbox is the oldest. */
export async function lagOf(db: Transaction) {
  const [row] = await db.$queryRaw<
    { waiting: bigint; oldest: bigint | number | null; parked: bigint; dead: bigint }[]
  >(sql`SELECT (SELECT COUNT(*) FROM outbox WHERE published_at IS NULL) AS waiting,
      (SELECT TIMESTAMPDIFF(SECOND, created_at, UTC_TIMESTAMP(3)) FROM outbox
        WHERE published_at IS NULL ORDER BY seq LIMIT 1) AS oldest,
      (SELECT COUNT(*) FROM parked_event) AS parked,
      (SELECT COUNT(*) FROM dead_letter WHERE resolved_at IS NULL) AS dead`)
  return {
    outbox_waiting: Number(row?.waiting ?? 0),
    outbox_oldest_seconds: Number(row?.oldest ?? 0),
    events_parked: Number(row?.parked ?? 0),
    dead_letters_open: Number(row?.dead ?? 0),
  }
}
