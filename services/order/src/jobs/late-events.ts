import { inTransaction, sql } from '@spawnpoint/database'
import { decideParked } from '@spawnpoint/messaging'
import { onParked } from '../consumers/consumers.ts'
import type { PrismaClient } from '../generated/client.ts'

/**
 * Decides what is parked for an order that is there: a payment and its order that were committed at the same moment did not
 * see each other.
 */
export async function decideStragglers(prisma: PrismaClient): Promise<number> {
  const orders = await prisma.$queryRaw<{ id: string }[]>(
    sql`SELECT DISTINCT orders.id FROM parked_event JOIN orders ON orders.id = SUBSTRING(waiting_for, 7)
        WHERE waiting_for LIKE 'order:%' LIMIT 100`,
  )
  for (const { id } of orders) await inTransaction(prisma, (tx) => decideParked(tx, `order:${id}`, onParked))
  return orders.length
}
