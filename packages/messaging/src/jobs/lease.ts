import { randomUUID } from 'node:crypto'
import { sql, type Transaction } from '@spawnpoint/database'

export type Lease = { hold(): Promise<boolean>; release(): Promise<void> }

/** One active holder per name, by the database's clock. A holder that dies is replaced after two seconds, scaled, or after `leaseMs`. */
export function openLease(
  db: Transaction,
  name: string,
  { timeScale = 1, leaseMs = Math.max(1_000, 2_000 * timeScale) } = {},
): Lease {
  const until = sql`UTC_TIMESTAMP(3) + INTERVAL ${Math.round(leaseMs) * 1_000} MICROSECOND`
  const owner = randomUUID()
  let renewAfter = 0

  return {
    async hold() {
      if (performance.now() < renewAfter) return true
      const askedAt = performance.now()
      const changed =
        await db.$executeRaw(sql`INSERT INTO lease (name, owner, expires_at) VALUES (${name}, ${owner}, ${until})
        ON DUPLICATE KEY UPDATE
          owner = IF(expires_at < UTC_TIMESTAMP(3), ${owner}, owner),
          expires_at = IF(owner = ${owner}, ${until}, expires_at)`)
      // Two: the row existed and has changed, which only its holder, or who takes it over, can cause.
      const held = changed === 2 || (await isOwner())
      renewAfter = held ? askedAt + leaseMs / 2 : 0
      return held
    },
    async release() {
      renewAfter = 0
      await db.$executeRaw(sql`DELETE FROM lease WHERE name = ${name} AND owner = ${owner}`)
    },
  }

  async function isOwner(): Promise<boolean> {
    const rows = await db.$queryRaw<{ owner: string }[]>(sql`SELECT owner FROM lease WHERE name = ${name}`)
    return rows[0]?.owner === owner
  }
}

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
