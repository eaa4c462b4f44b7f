import { inTransaction, sql } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import type { Tx } from './tx.ts'

/*
 * Plain text, for the panel's own database and the orders' `environment` hold such values in plain text too, and a key that is lost
 * must not cost a server. They are in a table of their own, which no route, event or log line reads.
 */

export async function readGenerated(db: Tx, orderId: string): Promise<Record<string, string>> {
  const rows = await db.generatedValue.findMany({ where: { orderId } })
  return Object.fromEntries(rows.map(({ variable, value }) => [variable, value]))
}

/** All that is kept for the order; a value that was kept before stays. */
export async function keepGenerated(
  prisma: PrismaClient,
  orderId: string,
  values: Record<string, string>,
): Promise<Record<string, string>> {
  return await inTransaction(prisma, async (tx) => {
    for (const [variable, value] of Object.entries(values))
      await tx.$executeRaw(
        sql`INSERT INTO generated_value (order_id, variable, value) VALUES (${orderId}, ${variable}, ${value})
            ON DUPLICATE KEY UPDATE variable = VALUES(variable)`,
      )
    return await readGenerated(tx, orderId)
  })
}

/** Once the server is gone for good. */
export async function removeGenerated(tx: Tx, orderId: string): Promise<void> {
  await tx.generatedValue.deleteMany({ where: { orderId } })
}
