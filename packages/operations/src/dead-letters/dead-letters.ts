import { empty, join, type Sql, sql, type Transaction } from '@spawnpoint/database'

export type DeadLetterFilter = {
  state?: 'open' | 'resolved' | 'all' | undefined
  class?: string | undefined
  consumer?: string | undefined
  type?: string | undefined
  since?: Date | undefined
  until?: Date | undefined
}
/** Dead letters by id, or all that match. */
export type Which = { ids: string[] } | { filter: DeadLetterFilter }

export type DeadLetterRow = {
  event_id: string
  consumer: string
  class: string
  first_error: string
  last_error: string
  subject: string
  envelope: string
  created_at: Date
  attempts: number
  resolved_at: Date | null
  resolved_by: string | null
  note: string | null
}

/** Oldest first, which is the order of redrive; `after` is the id of the last one of the page before. */
export async function listDeadLetters(
  db: Transaction,
  { filter, after, limit }: { filter: DeadLetterFilter; after?: string | undefined; limit: number },
): Promise<DeadLetterRow[]> {
  const begin = after ? await laterThan(db, after) : empty
  if (begin === undefined) return []
  return await db.$queryRaw<
    DeadLetterRow[]
  >(sql`SELECT event_id, consumer, class, first_error, last_error, subject, envelope,
      created_at, attempts, resolved_at, resolved_by, note
    FROM dead_letter WHERE ${like({ filter })} ${begin} ORDER BY created_at, event_id LIMIT ${limit}`)
}

async function laterThan(db: Transaction, id: string): Promise<Sql | undefined> {
  const [row] = await db.$queryRaw<{ created_at: Date }[]>(
    sql`SELECT created_at FROM dead_letter WHERE event_id = ${id}`,
  )
  return (
    row && sql`AND (created_at > ${row.created_at} OR (created_at = ${row.created_at} AND event_id > ${id}))`
  )
}

/** Which open dead letters are meant, oldest first, and how many more there are than `limit`. */
export async function openDeadLetterIds(
  db: Transaction,
  which: Which,
  limit: number,
): Promise<{ ids: string[]; remaining: number }> {
  if ('ids' in which) return { ids: [...new Set(which.ids)], remaining: 0 }
  const open = sql`${like(which)} AND resolved_at IS NULL`
  const rows = await db.$queryRaw<{ event_id: string }[]>(
    sql`SELECT event_id FROM dead_letter WHERE ${open} ORDER BY created_at, event_id LIMIT ${limit}`,
  )
  const [count] = await db.$queryRaw<{ n: bigint }[]>(
    sql`SELECT COUNT(*) AS n FROM dead_letter WHERE ${open}`,
  )
  return {
    ids: rows.map(({ event_id }) => event_id),
    remaining: Math.max(0, Number(count?.n ?? 0) - rows.length),
  }
}

/** Closes dead letters without deciding anything; returns how many. */
export async function resolveDeadLetters(
  db: Transaction,
  which: Which,
  { note, by }: { note: string; by: string },
): Promise<number> {
  return await db.$executeRaw(sql`UPDATE dead_letter
    SET resolved_at = UTC_TIMESTAMP(3), resolved_by = ${by.slice(0, 64)}, note = ${note.slice(0, 1000)}
    WHERE ${like(which)} AND resolved_at IS NULL`)
}

function like(which: Which): Sql {
  if ('ids' in which) return sql`event_id IN (${join(which.ids)})`
  const { state = 'open', class: className, consumer, type, since, until } = which.filter
  const conditions = [
    state === 'open' ? sql`resolved_at IS NULL` : empty,
    state === 'resolved' ? sql`resolved_at IS NOT NULL` : empty,
    className ? sql`class = ${className}` : empty,
    consumer ? sql`consumer = ${consumer}` : empty,
    type ? sql`subject = ${type}` : empty,
    since ? sql`created_at >= ${since}` : empty,
    until ? sql`created_at < ${until}` : empty,
  ].filter((condition) => condition !== empty)
  return conditions.length === 0 ? sql`TRUE` : join(conditions, ' AND ')
}
