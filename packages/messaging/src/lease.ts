import { randomUUID } from 'node:crypto'
import { sql, type Transaction } from '@spawnpoint/database'

const leaseSeconds = 2

/** One active holder per name, by the database's clock. A holder that dies is followed after two seconds. */
export function openLease(db: Transaction, name: string) {
  const owner = randomUUID()
  let renewAfter = 0

  return {
    async hold(): Promise<boolean> {
      if (performance.now() < renewAfter) return true
      const askedAt = performance.now()
      await db.$executeRaw(sql`INSERT INTO lease (name, owner, expires_at)
        VALUES (${name}, ${owner}, UTC_TIMESTAMP(3) + INTERVAL ${leaseSeconds} SECOND)
        ON DUPLICATE KEY UPDATE
          owner = IF(expires_at < UTC_TIMESTAMP(3), ${owner}, owner),
          expires_at = IF(owner = ${owner}, UTC_TIMESTAMP(3) + INTERVAL ${leaseSeconds} SECOND, expires_at)`)
      const rows = await db.$queryRaw<{ owner: string }[]>(sql`SELECT owner FROM lease WHERE name = ${name}`)
      const held = rows[0]?.owner === owner
      renewAfter = held ? askedAt + (leaseSeconds * 1000) / 2 : 0
      return held
    },
    async release(): Promise<void> {
      renewAfter = 0
      await db.$executeRaw(sql`DELETE FROM lease WHERE name = ${name} AND owner = ${owner}`)
    },
  }
}
