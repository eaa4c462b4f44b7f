import { join, sql, type Transaction } from '@spawnpoint/database'
import type { AuditEntry } from '@spawnpoint/service-kit'

export type AuditRow = AuditEntry & { seq: number }

export type AuditFilter = {
  key?: string | undefined
  subject?: string | undefined
  since?: Date | undefined
  limit: number
  /** The `seq` of the last one of the page before. */
  starting_after?: number | undefined
}

export async function recordAudit(db: Transaction, entry: AuditEntry): Promise<void> {
  const { at, apiKey, address, method, route, path, status, code, requestId, subject, before, after } = entry
  await db.$executeRaw(sql`INSERT INTO audit
    (at, api_key, address, method, route, path, status, code, request_id, subject, state_before, state_after)
    VALUES (${at}, ${apiKey}, ${address}, ${method}, ${route}, ${path}, ${status}, ${code}, ${requestId}, ${subject},
      ${before}, ${after})`)
}

type Stored = Omit<AuditRow, 'seq' | 'apiKey' | 'requestId' | 'before' | 'after'> & {
  seq: bigint
  api_key: string
  request_id: string
  state_before: string | null
  state_after: string | null
}

/** Newest first. */
export async function listAudit(
  db: Transaction,
  { key, subject, since, limit, starting_after: after }: AuditFilter,
): Promise<AuditRow[]> {
  const conditions = [
    sql`TRUE`,
    ...(key === undefined ? [] : [sql`api_key = ${key}`]),
    ...(subject === undefined ? [] : [sql`subject = ${subject}`]),
    ...(since === undefined ? [] : [sql`at >= ${since}`]),
    ...(after === undefined ? [] : [await olderThan(db, after)]),
  ]
  const rows = await db.$queryRaw<Stored[]>(sql`SELECT * FROM audit WHERE ${join(conditions, ' AND ')}
    ORDER BY at DESC, seq DESC LIMIT ${limit}`)
  return rows.map(({ seq, api_key, request_id, state_before, state_after, ...row }) => ({
    ...row,
    seq: Number(seq),
    apiKey: api_key,
    requestId: request_id,
    before: state_before,
    after: state_after,
  }))
}

async function olderThan(db: Transaction, seq: number) {
  const [last] = await db.$queryRaw<{ at: Date }[]>(sql`SELECT at FROM audit WHERE seq = ${seq}`)
  return last ? sql`at <= ${last.at} AND (at < ${last.at} OR seq < ${seq})` : sql`FALSE`
}
