import { join, raw, sql, type Transaction } from '@spawnpoint/database'
import { numbersBelow } from './numbers-below.ts'

/**
 * Makes the one row of a table so many more, 100,000 at most, whatever its columns are. `set` defines in SQL, by `n`, what is
 * different in each; a column that counts by itself goes on counting.
 */
export async function multiplyRow(
  db: Transaction,
  table: string,
  { count, set }: { count: number; set: Record<string, string> },
): Promise<void> {
  const columns = await db.$queryRaw<{ name: string }[]>(
    sql`SELECT column_name AS name FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = ${table} AND extra NOT LIKE '%auto_increment%'`,
  )
  const names = columns.map(({ name }) => raw(`\`${name}\``))
  const values = columns.map(({ name }) => raw(set[name] ?? `one.\`${name}\``))
  await db.$executeRaw(sql`INSERT INTO ${raw(table)} (${join(names)})
    SELECT ${join(values)} FROM (SELECT * FROM ${raw(table)} LIMIT 1) one, ${numbersBelow(count)}`)
  // Without it a plan is made for the table as it was.
  await db.$queryRaw(raw(`ANALYZE TABLE ${table}`))
}
