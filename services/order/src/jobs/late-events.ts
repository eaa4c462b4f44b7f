import { inTransaction } from '@spawnpoint/database'
import { decideParked } from '@spawnpoint/messaging'
import { decideEvents } from '../consumers/decide-events.ts'
import type { PrismaClient } from '../generated/client.ts'
import { ordersWithParkedEvents } from '../store/unmatched-payments.ts'

/**
 * Decides what is parked for an order that is there: a payment and its order that were committed at the same moment did not
 * see each other.
 */
export async function decideLateEvents(prisma: PrismaClient): Promise<number> {
  const ids = await ordersWithParkedEvents(prisma)
  for (const id of ids) await inTransaction(prisma, (tx) => decideParked(tx, `order:${id}`, decideEvents))
  return ids.length
}
