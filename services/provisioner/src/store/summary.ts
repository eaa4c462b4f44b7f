import { sql, type Transaction } from '@spawnpoint/database'

/** For `/health`: wanted servers by status, the reasons of those that wait, and drifts that need a decision. */
export async function summarize(prisma: Transaction): Promise<Record<string, unknown>> {
  const rows = await prisma.$queryRaw<{ status: string; error_class: string | null; servers: bigint }[]>(
    sql`SELECT status, error_class, COUNT(*) AS servers FROM server WHERE desired <> 'none' GROUP BY status, error_class`,
  )
  const servers: Record<string, number> = {}
  const waiting_for: Record<string, number> = {}
  for (const { status, error_class, servers: count } of rows) {
    add(servers, status, count)
    if (error_class !== null) add(waiting_for, error_class, count)
  }
  return { servers, waiting_for, drifts: await countDrifts(prisma) }
}

async function countDrifts(prisma: Transaction): Promise<number> {
  const [row] = await prisma.$queryRaw<{ n: bigint }[]>(
    sql`SELECT COUNT(*) AS n FROM drift WHERE state = 'open'`,
  )
  return Number(row?.n ?? 0)
}

function add(counts: Record<string, number>, name: string, count: bigint): void {
  counts[name] = (counts[name] ?? 0) + Number(count)
}
