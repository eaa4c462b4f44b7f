import { join, type Sql, sql, type Transaction } from '@spawnpoint/database'

export const stripeEventOutcomes = ['waiting', 'done', 'ignored', 'failed'] as const

export type StripeEventsQuery = {
  before?: number | undefined
  limit: number
  outcome?: (typeof stripeEventOutcomes)[number] | undefined
  type?: string | undefined
}

type Row = {
  seq: bigint
  account: string
  eventId: string
  type: string
  apiVersion: string | null
  livemode: boolean | number
  created: Date
  receivedAt: Date
  processedAt: Date | null
  nextAttemptAt: Date
  source: string
  deliveries: number
  attempts: number
  outcome: string | null
  reason: string | null
  error: string | null
  waitingFor: string | null
}

/** Newest first; `next_before` leads to the page after. */
export async function listStripeEvents(tx: Transaction, query: StripeEventsQuery) {
  const rows = await tx.$queryRaw<Row[]>(
    sql`SELECT seq, account, event_id AS eventId, type, api_version AS apiVersion, livemode, created,
          received_at AS receivedAt, processed_at AS processedAt, next_attempt_at AS nextAttemptAt, source, deliveries,
          attempts, outcome, reason, error, waiting_for AS waitingFor
        FROM stripe_event WHERE ${join(conditions(query), ' AND ')} ORDER BY seq DESC LIMIT ${query.limit}`,
  )
  const last = rows.length === query.limit ? rows.at(-1) : undefined
  return { events: rows.map(show), next_before: last ? Number(last.seq) : null }
}

function conditions({ before, outcome, type }: StripeEventsQuery): Sql[] {
  return [
    before === undefined ? sql`TRUE` : sql`seq < ${before}`,
    ...(outcome === undefined ? [] : [conditionOf(outcome)]),
    ...(type === undefined ? [] : [sql`type = ${type}`]),
  ]
}

function conditionOf(outcome: NonNullable<StripeEventsQuery['outcome']>): Sql {
  switch (outcome) {
    case 'waiting':
      return sql`processed_at IS NULL AND outcome IS NULL`
    case 'failed':
      return sql`processed_at IS NULL AND outcome = 'failed'`
    case 'done':
    case 'ignored':
      return sql`outcome = ${outcome}`
    default:
      return outcome satisfies never
  }
}

function show(row: Row) {
  return {
    seq: Number(row.seq),
    event_id: row.eventId,
    account: row.account === '' ? null : row.account,
    type: row.type,
    api_version: row.apiVersion,
    livemode: Boolean(row.livemode),
    created: row.created.toISOString(),
    received_at: row.receivedAt.toISOString(),
    source: row.source,
    deliveries: row.deliveries,
    processed_at: row.processedAt?.toISOString() ?? null,
    attempts: row.attempts,
    next_attempt_at: row.processedAt ? null : row.nextAttemptAt.toISOString(),
    outcome: row.outcome ?? 'waiting',
    reason: row.reason,
    error: row.error,
    waiting_for: row.waitingFor,
  }
}

/** Makes an event due whatever its result was; processing is idempotent. False when there is no such event. */
export async function retryStripeEvent(tx: Transaction, eventId: string): Promise<boolean> {
  const changed = await tx.$executeRaw(
    sql`UPDATE stripe_event SET processed_at = NULL, outcome = NULL, reason = NULL, error = NULL, attempts = 0,
          waiting_for = NULL, next_attempt_at = UTC_TIMESTAMP(3)
        WHERE event_id = ${eventId}`,
  )
  return changed > 0
}

/** Events that may carry money and could not be parsed. */
export async function countFailedPayments(tx: Transaction, types: readonly string[]): Promise<number> {
  const [row] = await tx.$queryRaw<{ failed: bigint }[]>(
    sql`SELECT COUNT(*) AS failed FROM stripe_event
        WHERE processed_at IS NULL AND outcome = 'failed' AND type IN (${join([...types])})`,
  )
  return Number(row?.failed ?? 0)
}

type StripeEventCounts = { waiting: number; failed: number; oldest_processed_at: string | null }

export async function countStripeEvents(tx: Transaction): Promise<StripeEventCounts> {
  const [row] = await tx.$queryRaw<{ waiting: bigint; failed: bigint; oldest: Date | null }[]>(
    sql`SELECT COUNT(CASE WHEN outcome IS NULL THEN 1 END) AS waiting, COUNT(CASE WHEN outcome = 'failed' THEN 1 END) AS failed,
          (SELECT processed_at FROM stripe_event WHERE processed_at IS NOT NULL ORDER BY processed_at LIMIT 1) AS oldest
        FROM stripe_event WHERE processed_at IS NULL`,
  )
  return {
    waiting: Number(row?.waiting ?? 0),
    failed: Number(row?.failed ?? 0),
    oldest_processed_at: row?.oldest?.toISOString() ?? null,
  }
}
