import { sql } from '@spawnpoint/database'
import { startReconciler } from './reconcile.ts'
import { type RelayOptions, startRelay } from './relay.ts'

/** The outgoing half of a service: its outbox on the way to its stream, and the stream held against the outbox. */
export function startMessaging(options: RelayOptions) {
  const relay = startRelay(options)
  const reconciler = startReconciler({ ...options, wakeRelay: relay.wake })
  return {
    wake: relay.wake,
    /** Events that wait to be published, and how long the oldest has waited. */
    async lag(): Promise<{ outbox_waiting: number; outbox_oldest_seconds: number }> {
      const [row] = await options.prisma.$queryRaw<{ waiting: bigint; oldest: bigint | number | null }[]>(
        sql`SELECT COUNT(*) AS waiting, TIMESTAMPDIFF(SECOND, MIN(created_at), UTC_TIMESTAMP(3)) AS oldest
            FROM outbox WHERE published_at IS NULL`,
      )
      return { outbox_waiting: Number(row?.waiting ?? 0), outbox_oldest_seconds: Number(row?.oldest ?? 0) }
    },
    async stop(): Promise<void> {
      await reconciler.stop()
      await relay.stop()
    },
  }
}
