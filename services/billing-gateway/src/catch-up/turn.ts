import { randomUUID } from 'node:crypto'
import { sql, type Transaction } from '@spawnpoint/database'

const leaseMs = 60_000
const name = 'catch-up'

/** One replica at a time; one that dies is followed a minute later. */
export function openTurn(db: Transaction, timeScale: number) {
  const owner = randomUUID()
  const until = sql`UTC_TIMESTAMP(3) + INTERVAL ${Math.max(10_000, Math.round(leaseMs * timeScale)) * 1_000} MICROSECOND`
  let renewAfter = 0

  async function take(): Promise<boolean> {
    const now = performance.now()
    if (now < renewAfter) return true
    await db.$executeRaw(
      sql`INSERT INTO lease (name, owner, expires_at) VALUES (${name}, ${owner}, ${until})
          ON DUPLICATE KEY UPDATE
            owner = IF(expires_at < UTC_TIMESTAMP(3), ${owner}, owner),
            expires_at = IF(owner = ${owner}, ${until}, expires_at)`,
    )
    const [row] = await db.$queryRaw<{ owner: string }[]>(sql`SELECT owner FROM lease WHERE name = ${name}`)
    const isOurs = row?.owner === owner
    renewAfter = isOurs ? now + 2_000 : 0
    return isOurs
  }

  return {
    take,
    /** Before each call: another replica may have taken over from one that stood still for too long. */
    async keep(): Promise<void> {
      if (!(await take())) throw new Error('Another replica catches up')
    },
    async release(): Promise<void> {
      renewAfter = 0
      await db.$executeRaw(sql`DELETE FROM lease WHERE name = ${name} AND owner = ${owner}`)
    },
  }
}
