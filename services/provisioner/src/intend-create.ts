import { sql } from '@spawnpoint/database'
import type { PrismaClient } from './generated/client.ts'
import { inMs, isStillOurs } from './lease.ts'
import type { Server } from './server.ts'

/**
 * Commits that a create is about to be sent, before it is: whoever finds this row after a crash knows that a server may
 * appear. Null when the order changed or another took over: then nothing may be sent.
 */
export async function intendCreate(
  prisma: PrismaClient,
  server: Server,
  leaseMs: number,
): Promise<Server | null> {
  const written = await prisma.$executeRaw(
    sql`UPDATE server SET create_started_at = UTC_TIMESTAMP(3), unknown_until = ${inMs(leaseMs)},
          lease_until = ${inMs(leaseMs)}, generation = generation + 1, ptero_server_id = NULL,
          ptero_identifier = NULL, ptero_uuid = NULL, address = NULL, installing_since = NULL
        WHERE ${isStillOurs(server)}`,
  )
  if (written === 0) return null
  const [intended] = await prisma.$queryRaw<Server[]>(sql`SELECT * FROM server WHERE ${isStillOurs(server)}`)
  return intended ?? null
}
