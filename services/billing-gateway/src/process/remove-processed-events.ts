import { setTimeout as delay } from 'node:timers/promises'
import { inTransaction, type Transaction, type TransactionClient } from '@spawnpoint/database'
import { removeProcessed } from '../store/journal.ts'

const breathMs = 50

/**
 * Removes events that were processed longer ago than the retention period; events that never parsed stay.
 * A few at a time, so that no webhook waits for it.
 */
export function removeProcessedEvents<Tx extends Transaction>({
  prisma,
  retentionDays,
}: {
  prisma: TransactionClient<Tx>
  retentionDays: number
}) {
  let removed = 0
  return {
    /** Since the start of this process. */
    removed: () => removed,
    async tick(): Promise<number> {
      if (retentionDays === 0) return 0
      const gone = await inTransaction(prisma, (tx) => removeProcessed(tx, retentionDays))
      removed += gone
      if (gone > 0) await delay(breathMs)
      return gone
    },
  }
}
