import { moneyFindingKinds } from '@spawnpoint/contracts'
import { join, sql, type Transaction } from '@spawnpoint/database'

type Open = { id: string; kind: string; order_id: string | null; finding: string }

const atMost = 1_000

/** What a person has to look into about the money of orders, and nobody has put away. */
export function openDiscrepancies(db: Transaction): PromiseLike<Open[]> {
  return db.$queryRaw<Open[]>(
    sql`SELECT id, kind, order_id, finding FROM difference
        WHERE state = 'open' AND kind IN (${join([...moneyFindingKinds])}) ORDER BY id LIMIT ${atMost}`,
  )
}

export function countByKind(open: Open[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind } of open) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}
