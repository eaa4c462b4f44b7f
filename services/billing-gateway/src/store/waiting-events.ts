import { join, type Sql, sql, type Transaction } from '@spawnpoint/database'

/** Makes events due that wait for one of these ids, now known to be ours. Returns how many. */
export async function wakeWaiting(tx: Transaction, links: string[]): Promise<number> {
  if (links.length === 0) return 0
  const looked = links.filter((link) => link.startsWith('pi_')).map((link) => `look:invoice-payments:${link}`)
  return await tx.$executeRaw(
    sql`UPDATE stripe_event FORCE INDEX (stripe_event_waiting_for_idx)
        SET processed_at = NULL, outcome = NULL, reason = NULL, error = NULL, waiting_for = NULL,
          next_attempt_at = UTC_TIMESTAMP(3)
        WHERE waiting_for IN (${join([...links, ...looked].toSorted())})`,
  )
}

/**
 * A concurrent transaction may have inserted what a batch has just begun to wait for, having looked for waiting events before
 * the batch stored them. A locking read waits for its uncommitted rows, so one of the two sees the other.
 */
export async function findLinked(tx: Transaction, ids: string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const ways = [
    linked(
      sql`payment`,
      sql`payment_intent_id`,
      ids.filter((id) => id.startsWith('pi_')),
    ),
    linked(
      sql`payment`,
      sql`charge_id`,
      ids.filter((id) => /^(ch|py)_/.test(id)),
    ),
    linked(
      sql`payment_charge`,
      sql`id`,
      ids.filter((id) => /^(pi|ch|py)_/.test(id)),
    ),
    linked(
      sql`payment`,
      sql`invoice_id`,
      ids.filter((id) => id.startsWith('in_')),
    ),
    linked(
      sql`payment`,
      sql`subscription_id`,
      ids.filter((id) => id.startsWith('sub_')),
    ),
    linked(
      sql`subscription`,
      sql`id`,
      ids.filter((id) => id.startsWith('sub_')),
    ),
  ].flat()
  const found = new Set<string>()
  for (const way of ways) for (const { link } of await tx.$queryRaw<{ link: string }[]>(way)) found.add(link)
  return [...found]
}

function linked(table: Sql, column: Sql, ids: string[]): Sql[] {
  if (ids.length === 0) return []
  return [sql`SELECT ${column} AS link FROM ${table} WHERE ${column} IN (${join(ids)}) LOCK IN SHARE MODE`]
}

/** Ids that events in the journal wait for already: they belong to another product, unless they ever become ours. */
export async function waitedFor(tx: Transaction, links: string[]): Promise<Set<string>> {
  if (links.length === 0) return new Set()
  const rows = await tx.$queryRaw<{ link: string }[]>(
    sql`SELECT DISTINCT waiting_for AS link FROM stripe_event WHERE waiting_for IN (${join([...new Set(links)])})`,
  )
  return new Set(rows.map(({ link }) => link))
}
