import type { Transaction, TransactionClient } from '@spawnpoint/database'
import { describeLimits } from './connection/stream-limits.ts'
import { isMissing, streamManager } from './connection/streams.ts'
import { startHousekeeping } from './jobs/housekeeping.ts'
import { lagOf } from './lag.ts'
import { type RelayOptions, startRelay } from './outbox/relay.ts'
import { startReconciler } from './repair/repair-streams.ts'

/** The outgoing half of a service: its outbox on the way to its stream, the stream held against the outbox, old rows removed. */
export function startMessaging(options: RelayOptions & { prisma: TransactionClient<Transaction> }) {
  const relay = startRelay(options)
  const reconciler = startReconciler({ ...options, wakeRelay: relay.wake })
  const housekeeping = startHousekeeping(options)
  return {
    wake: relay.wake,
    /** What waits, what is dead, and what housekeeping has removed since the start. */
    lag: async () => ({ ...(await lagOf(options.prisma)), removed: housekeeping.removed() }),
    /** Why events may be removed from the stream before they are read; null when nothing limits it. */
    streamTrouble: () => (options.nats.isConnected() ? streamTrouble(options) : Promise.resolve(null)),
    async stop(): Promise<void> {
      await housekeeping.stop()
      await reconciler.stop()
      await relay.stop()
    },
  }
}

async function streamTrouble({ nats, stream }: RelayOptions): Promise<string | null> {
  try {
    return describeLimits(await (await streamManager(nats)).streams.info(stream))
  } catch (error) {
    // The relay makes it as it publishes.
    if (isMissing(error)) return null
    throw error
  }
}
