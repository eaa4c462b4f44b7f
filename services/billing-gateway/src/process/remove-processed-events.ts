import { setTimeout as delay } from 'node:timers/promises'
import { inTransaction, join, sql, type Transaction, type TransactionClient } from '@spawnpoint/database'

const maxRows = 200
const breathMs = 50

/**
 * Removes events whose meaning was decided longer ago than they have to be kept; one that was never understood stays.
 * Few at a time, so that no webhook ever waits for it.
 */
export function forgetStripeEvents<Tx extends Transaction>({
  prisma,
  keepDays,
}: {
  prisma: TransactionClient<Tx>
  keepDays: number
}) {
  let removed = 0
  return {
    /** Since the start of this process. */
    removed: () => removed,
    async tick(): Promise<number> {
      if (keepDays === 0) return 0
      const gone = await inTransaction(prisma, (tx) => removeSome(tx, keepDays))
      removed += gone
      if (gone > 0) await delay(breathMs)
      return gone
    },
  }
}

async function removeSome(tx: Transaction, keepDays: number): Promise<number> {
  const old = await tx.$queryRaw<{ seq: bigint }[]>(
    sql`SELECT seq FROM stripe_event WHERE processed_at < UTC_TIMESTAMP(3) - INTERVAL ${keepDays} DAY
        ORDER BY processed_at LIMIT ${maxRows}`,
  )
  if (old.length === 0) return 0
  // Somebody may have asked for one of them to be decided again in the meantime.
  return await tx.$executeRaw(
    sql`DELETE FROM stripe_event WHERE seq IN (${join(old.map(({ seq }) => seq))}) AND processed_at IS NOT NULL`,
  )
}
