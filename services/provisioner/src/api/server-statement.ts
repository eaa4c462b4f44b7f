import type { ServerStanding } from '@spawnpoint/contracts'
import { join, sql, type Transaction } from '@spawnpoint/database'

type Row = Omit<ServerStanding, 'is_gone'> & { gone: bigint | number }

/** Answers where the servers of these orders stand, as far as this service knows. */
export function stateServers({ prisma }: { prisma: Transaction }) {
  return async ({ order_ids }: { order_ids: string[] }): Promise<{ servers: ServerStanding[] }> => {
    if (order_ids.length === 0) return { servers: [] }
    const rows = await prisma.$queryRaw<Row[]>(
      sql`SELECT order_id, version, order_version, status, desired, error_class, error_message, ptero_server_id,
            EXISTS (SELECT 1 FROM drift
                    WHERE drift.order_id = server.order_id AND drift.kind = 'ghost' AND drift.state = 'open') AS gone
          FROM server WHERE order_id IN (${join(order_ids)})`,
    )
    return { servers: rows.map(({ gone, ...row }) => ({ ...row, is_gone: Number(gone) === 1 })) }
  }
}
