import { randomUUID } from 'node:crypto'
import { sql, type Transaction } from '@spawnpoint/database'

/**
 * Whether this replica holds the lock of the current interval, which one replica gets once per interval, for the first time an
 * interval after the first start. Interval locks have names of their own and never collide with a lease.
 */
export async function holdInterval(
  db: Transaction,
  { name, intervalMs }: { name: string; intervalMs: number },
): Promise<boolean> {
  const row = `turn:${name}`
  const owner = randomUUID()
  const next = sql`UTC_TIMESTAMP(3) + INTERVAL ${Math.round(intervalMs) * 1_000} MICROSECOND`
  await db.$executeRaw(
    sql`INSERT INTO lease (name, owner, expires_at) VALUES (${row}, '', ${next})
        ON DUPLICATE KEY UPDATE
          owner = IF(expires_at < UTC_TIMESTAMP(3), ${owner}, owner),
          expires_at = IF(owner = ${owner}, ${next}, expires_at)`,
  )
  const rows = await db.$queryRaw<{ owner: string }[]>(sql`SELECT owner FROM lease WHERE name = ${row}`)
  return rows[0]?.owner === owner
}
