import { sql, type Transaction } from '@spawnpoint/database'

/** How many servers stand where, and which wait for a person: what `/health` shows. */
export async function summarize(prisma: Transaction): Promise<Record<string, unknown>> {
  const rows = await prisma.$queryRaw<{ status: string; servers: bigint }[]>(
    sql`SELECT status, COUNT(*) AS servers FROM server WHERE desired = 'running' GROUP BY status`,
  )
  return { servers: Object.fromEntries(rows.map(({ status, servers }) => [status, Number(servers)])) }
}
