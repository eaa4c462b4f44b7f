import { sql } from '@spawnpoint/database'
import { eventually, owning } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PrismaClient } from '../src/generated/client.ts'
import { leaseDueServers } from '../src/store/leases.ts'
import { openOwnDatabase } from './own-database.ts'

const cleanUp = owning()
let prisma: PrismaClient

beforeAll(async () => {
  prisma = await openOwnDatabase(cleanUp)
  await prisma.$executeRaw(
    sql`INSERT INTO server (order_id, desired, order_version, order_state, status, next_attempt_at, created_at, updated_at)
        VALUES ('o-1', 'running', 1, '{}', 'none', '2026-01-01', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
  )
})
afterAll(() => cleanUp[Symbol.asyncDispose]())

test('a lease that loses a deadlock against recording a server is taken right afterwards', async () => {
  const claiming = await prisma.$transaction(async (other) => {
    await other.$executeRaw(sql`UPDATE server SET attempts = 7 WHERE order_id = 'o-1'`)
    const claimed = leaseDueServers(prisma, { panelId: 'main', atMost: 8, leaseMs: 60_000 })
    // The server shows its transactions afresh only to who has not asked for a tenth of a second.
    await eventually(somebodyWaits, { everyMs: 250 })
    // The claim has locked the index and waits for the row: here is the row, and now the index is wanted.
    await other.$executeRaw(sql`UPDATE server SET next_attempt_at = '2026-01-02' WHERE order_id = 'o-1'`)
    return { claimed }
  })
  expect((await claiming.claimed).servers).toMatchObject([{ order_id: 'o-1', attempts: 7 }])
})

async function somebodyWaits(): Promise<void> {
  const [waiting] = await prisma.$queryRaw<{ n: bigint }[]>(
    sql`SELECT COUNT(*) AS n FROM information_schema.innodb_trx JOIN information_schema.processlist ON id = trx_mysql_thread_id
        WHERE db = DATABASE() AND trx_state = 'LOCK WAIT'`,
  )
  if (Number(waiting?.n) === 0) throw new Error('The claim does not wait yet')
}
