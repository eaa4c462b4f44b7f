import type { Drift } from '@spawnpoint/contracts'
import { empty, sql } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import { type DriftRow, driftOf } from './drifts.ts'

export type ShownDrift = Drift & { panel: string }

type Filter = { limit: number; starting_after?: string | undefined; state?: string | undefined }

/** By id. `next_cursor` is null on the last page. */
export async function listDrifts(
  prisma: PrismaClient,
  { limit, starting_after = '', state }: Filter,
): Promise<{ data: ShownDrift[]; has_more: boolean; next_cursor: string | null }> {
  const rows = await prisma.$queryRaw<DriftRow[]>(
    sql`SELECT * FROM drift WHERE id > ${starting_after} ${state ? sql`AND state = ${state}` : empty}
        ORDER BY id LIMIT ${limit + 1}`,
  )
  const page = rows.slice(0, limit)
  const has_more = rows.length > limit
  return { data: page.map(showDrift), has_more, next_cursor: has_more ? (page.at(-1)?.id ?? null) : null }
}

/** As people see it: with its panel, whichever it is. */
export function showDrift(row: DriftRow): ShownDrift {
  return { ...driftOf(row), panel: row.panel_id }
}
