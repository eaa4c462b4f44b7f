import { randomUUID } from 'node:crypto'
import { sql, type Transaction } from '@spawnpoint/database'

/**
 * Whether it is this replica's turn, which comes to one of them once in each interval; the first time an interval after the first
 * start. Turns have names of their own: no lease is taken by one.
 */
export async function takeTurn(
  db: Transaction,
  { name, intervalMs }: { name: string; intervalMs: number },
): Promise<boolean> {
  const row = `turn:${name}`
  const turn = randomUUID()
  const next = sql`UTC_TIMESTAMP(3) + INTERVAL ${Math.round(intervalMs) * 1_000} MICROSECOND`
  await db.$executeRaw(
    sql`INSERT INTO lease (name, owner, expires_at) VALUES (${row}, '', ${next})
        ON DUPLICATE KEY UPDATE
          owner = IF(expires_at < UTC_TIMESTAMP(3), ${turn}, owner),
          expires_at = IF(owner = ${turn}, ${next}, expires_at)`,
  )
  const rows = await db.$queryRaw<{ owner: string }[]>(sql`SELECT owner FROM lease WHERE name = ${row}`)
  return rows[0]?.owner === turn
}
