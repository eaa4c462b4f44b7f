import type { Transaction, TransactionClient } from '@spawnpoint/database'
import { startHousekeeping } from './housekeeping.ts'
import { lagOf } from './lag.ts'
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
