import type { PrismaClient } from '../generated/client.ts'

/** For `/health`: wanted servers by status, the reasons of those that wait, and drifts that need a decision. */
export async function summarize(prisma: PrismaClient): Promise<Record<string, unknown>> {
  const rows = await prisma.server.groupBy({
    by: ['status', 'errorClass'],
    where: { desired: { not: 'none' } },
    _count: true,
  })
  const servers: Record<string, number> = {}
  const waiting_for: Record<string, number> = {}
  for (const { status, errorClass, _count: count } of rows) {
    add(servers, status, count)
    if (errorClass !== null) add(waiting_for, errorClass, count)
  }
  return { servers, waiting_for, drifts: await prisma.drift.count({ where: { state: 'open' } }) }
}

function add(counts: Record<string, number>, name: string, count: number): void {
  counts[name] = (counts[name] ?? 0) + count
}

/** Drifts that wait for a decision; null when there are none. */
export async function openDrifts(
  prisma: PrismaClient,
): Promise<{ count: number; oldest: { finding: string; foundAt: Date } } | null> {
  const where = { state: 'open' }
  const select = { finding: true, foundAt: true }
  const oldest = await prisma.drift.findFirst({ where, orderBy: { foundAt: 'asc' }, select })
  return oldest && { count: await prisma.drift.count({ where }), oldest }
}
