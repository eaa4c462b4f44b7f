import { sql, type Transaction, type TransactionClient } from '@spawnpoint/database'
import { startHousekeeping } from './housekeeping.ts'
import { startReconciler } from './reconcile.ts'
import { type RelayOptions, startRelay } from './relay.ts'

/** The outgoing half of a service: its outbox on the way to its stream, the stream held against the outbox, old rows removed. */
export function startMessaging(options: RelayOptions & { prisma: TransactionClient<Transaction> }) {
  const relay = startRelay(options)
  const reconciler = startReconciler({ ...options, wakeRelay: relay.wake })
  const housekeeping = startHousekeeping(options)
  return {
    wake: relay.wake,
    /** What waits, what is dead, and what housekeeping has removed since the start. */
    lag: async () => ({ ...(await lagOf(options.prisma)), removed: housekeeping.removed() }),
    async stop(): Promise<void> {
      await housekeeping.stop()
      await reconciler.stop()
      await relay.stop()
    },
  }
}

async function lagOf(db: Transaction) {
  const [row] = await db.$queryRaw<
    { waiting: bigint; oldest: bigint | number | null; parked: bigint; dead: bigint }[]
  >(sql`SELECT COUNT(*) AS waiting, TIMESTAMPDIFF(SECOND, MIN(created_at), UTC_TIMESTAMP(3)) AS oldest,
      (SELECT COUNT(*) FROM parked_event) AS parked,
      (SELECT COUNT(*) FROM dead_letter WHERE resolved_at IS NULL) AS dead
    FROM outbox WHERE published_at IS NULL`)
  return {
    outbox_waiting: Number(row?.waiting ?? 0),
    outbox_oldest_seconds: Number(row?.oldest ?? 0),
    events_parked: Number(row?.parked ?? 0),
    dead_letters_open: Number(row?.dead ?? 0),
  }
}
