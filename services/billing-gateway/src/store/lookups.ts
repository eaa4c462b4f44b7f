import { sql, type Transaction } from '@spawnpoint/database'

/** Events that wait for a look at Stripe, and since when the first of them does. */
export async function countLooks(db: Transaction): Promise<{ waiting: number; since: string | null }> {
  const [row] = await db.$queryRaw<{ waiting: bigint; since: Date | null }[]>(
    sql`SELECT COUNT(*) AS waiting, MIN(received_at) AS since FROM stripe_event WHERE waiting_for LIKE 'look:%'`,
  )
  return { waiting: Number(row?.waiting ?? 0), since: row?.since?.toISOString() ?? null }
}
