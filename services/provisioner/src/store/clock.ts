import { type Sql, sql, type Transaction } from '@spawnpoint/database'

export async function databaseNow(db: Transaction): Promise<Date> {
  const [row] = await db.$queryRaw<{ now: Date }[]>(sql`SELECT UTC_TIMESTAMP(3) AS now`)
  return row?.now ?? new Date(0)
}

/** The database's clock plus so much. */
export function inMs(ms: number): Sql {
  return sql`UTC_TIMESTAMP(3) + INTERVAL ${Math.round(ms) * 1_000} MICROSECOND`
}
