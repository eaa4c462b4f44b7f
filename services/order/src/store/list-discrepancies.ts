import type { Difference } from '@spawnpoint/contracts'
import { empty, sql } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import { type DifferenceRow, differenceOf } from './discrepancies.ts'

type Filter = { limit: number; starting_after?: string | undefined; state?: string | undefined }

/** By id. `next_cursor` is null on the last page. */
export async function listDifferences(
  prisma: PrismaClient,
  { limit, starting_after = '', state }: Filter,
): Promise<{ data: Difference[]; has_more: boolean; next_cursor: string | null }> {
  const rows = await prisma.$queryRaw<DifferenceRow[]>(
    sql`SELECT * FROM difference WHERE id > ${starting_after} ${state ? sql`AND state = ${state}` : empty}
        ORDER BY id LIMIT ${limit + 1}`,
  )
  const page = rows.slice(0, limit)
  const has_more = rows.length > limit
  const next_cursor = has_more ? (page.at(-1)?.id ?? null) : null
  return { data: page.map(differenceOf), has_more, next_cursor }
}
