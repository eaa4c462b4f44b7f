import { inTransaction, join, sql } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'

/** These servers are due now, with a fresh count of attempts, whatever is wanted of them. */
export function looksAgain({ prisma, wakeReconciler }: { prisma: PrismaClient; wakeReconciler: () => void }) {
  return async ({ ids }: { ids: string[] }): Promise<{ due: number }> => {
    if (ids.length === 0) return { due: 0 }
    const due = await inTransaction(prisma, (tx) =>
      tx.$executeRaw(
        sql`UPDATE server SET attempts = 0, installing_since = NULL, reinstalls = 0, next_attempt_at = UTC_TIMESTAMP(3)
            WHERE order_id IN (${join(ids)}) AND desired <> 'none'`,
      ),
    )
    wakeReconciler()
    return { due }
  }
}
