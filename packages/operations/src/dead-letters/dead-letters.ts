import type { DeadLetter, DeadLetterWhere, Tables } from '../tables.ts'

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
  db: Tables,
  { filter, after, limit }: { filter: DeadLetterFilter; after?: string | undefined; limit: number },
): Promise<DeadLetterRow[]> {
  const last = after ? await db.deadLetter.findUnique({ where: { eventId: after } }) : undefined
  if (last === null) return []
  const rows = await db.deadLetter.findMany({
    where: { ...whereOf({ filter }), ...(last ? laterThan(last) : {}) },
    orderBy: oldestFirst,
    take: limit,
  })
  return rows.map(rowOf)
}

const oldestFirst = [{ createdAt: 'asc' } as const, { eventId: 'asc' } as const]

function laterThan({ createdAt, eventId }: DeadLetter): DeadLetterWhere {
  return { OR: [{ createdAt: { gt: createdAt } }, { createdAt, eventId: { gt: eventId } }] }
}

function rowOf({ eventId, firstError, lastError, createdAt, resolvedAt, resolvedBy, ...row }: DeadLetter) {
  return {
    event_id: eventId,
    consumer: row.consumer,
    class: row.class,
    first_error: firstError,
    last_error: lastError,
    subject: row.subject,
    envelope: row.envelope,
    created_at: createdAt,
    attempts: row.attempts,
    resolved_at: resolvedAt,
    resolved_by: resolvedBy,
    note: row.note,
  }
}

/** Which open dead letters are meant, oldest first, and how many more there are than `limit`. */
export async function openDeadLetterIds(
  db: Tables,
  which: Which,
  limit: number,
): Promise<{ ids: string[]; remaining: number }> {
  if ('ids' in which) return { ids: [...new Set(which.ids)], remaining: 0 }
  const where = { ...whereOf(which), resolvedAt: null }
  const rows = await db.deadLetter.findMany({ where, orderBy: oldestFirst, take: limit })
  const count = await db.deadLetter.count({ where })
  return { ids: rows.map(({ eventId }) => eventId), remaining: Math.max(0, count - rows.length) }
}

/** Closes dead letters without deciding anything; returns how many. */
export async function resolveDeadLetters(
  db: Tables,
  which: Which,
  { note, by }: { note: string; by: string },
): Promise<number> {
  const { count } = await db.deadLetter.updateMany({
    where: { ...whereOf(which), resolvedAt: null },
    data: { resolvedAt: new Date(), resolvedBy: by.slice(0, 64), note: note.slice(0, 1000) },
  })
  return count
}

function whereOf(which: Which): DeadLetterWhere {
  if ('ids' in which) return { eventId: { in: which.ids } }
  const { state = 'open', class: className, consumer, type, since, until } = which.filter
  return {
    ...(state === 'open' ? { resolvedAt: null } : {}),
    ...(state === 'resolved' ? { resolvedAt: { not: null } } : {}),
    ...(className ? { class: className } : {}),
    ...(consumer ? { consumer } : {}),
    ...(type ? { subject: type } : {}),
    ...(since || until
      ? { createdAt: { ...(since ? { gte: since } : {}), ...(until ? { lt: until } : {}) } }
      : {}),
  }
}
