import {
  inTransaction,
  join,
  raw,
  type Sql,
  sql,
  type Transaction,
  type TransactionClient,
} from '@spawnpoint/database'

export type Database = Transaction & TransactionClient<Transaction>
type Cell = string | Uint8Array | null

/** Rows of one table, found by `where`, in which these columns hold personal data. Names are our own, never a caller's. */
export type PersonalRows = {
  table: string
  /** The column of its primary key. */
  id: string
  where: Sql
  columns: Record<string, (value: string) => string | null>
}

const pageSize = 200

/** Erases what these rows hold, or only counts them; returns how many change. The second time, none. */
export async function eraseRows(
  prisma: Database,
  rows: PersonalRows,
  { dryRun }: { dryRun: boolean },
): Promise<number> {
  let changed = 0
  for (let after: bigint | string | null = null, more = true; more; ) {
    const page: { changed: number; last: bigint | string | null; count: number } = await inTransaction(
      prisma,
      (tx) => erasePage(tx, rows, { after, dryRun }),
    )
    changed += page.changed
    after = page.last
    more = page.count === pageSize
  }
  return changed
}

export async function erasePage(
  tx: Transaction,
  { table, id, where, columns }: PersonalRows,
  { after, dryRun, size = pageSize }: { after: bigint | string | null; dryRun: boolean; size?: number },
): Promise<{ changed: number; last: bigint | string | null; count: number }> {
  const [from, key] = [raw(table), raw(id)]
  const names = Object.keys(columns)
  const found = await tx.$queryRaw<Record<string, Cell | bigint>[]>(
    sql`SELECT ${key} AS id, ${join(names.map((name) => raw(`\`${name}\``)))} FROM ${from}
        WHERE ${where} AND ${after === null ? sql`TRUE` : sql`${key} > ${after}`}
        ORDER BY ${key} LIMIT ${size} FOR UPDATE`,
  )
  let changed = 0
  for (const row of found) {
    const sets = names.flatMap((name) => {
      const value = row[name] as Cell
      if (value === null) return []
      const text = typeof value === 'string' ? value : Buffer.from(value).toString()
      const erased = columns[name]?.(text) ?? null
      if (erased === text) return []
      return [
        sql`${raw(`\`${name}\``)} = ${typeof value === 'string' || erased === null ? erased : Buffer.from(erased)}`,
      ]
    })
    if (sets.length === 0) continue
    changed += 1
    if (!dryRun)
      await tx.$executeRaw(sql`UPDATE ${from} SET ${join(sets)} WHERE ${key} = ${row.id as string}`)
  }
  return { changed, last: (found.at(-1)?.id as bigint | string | undefined) ?? after, count: found.length }
}

/** `column IN (values)`; nothing where there are no values. */
export function isAmong(column: string, values: string[]): Sql {
  return values.length === 0 ? sql`FALSE` : sql`${raw(column)} IN (${join(values)})`
}
