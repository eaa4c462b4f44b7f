import { sql, type Transaction } from '@spawnpoint/database'
import type { Prisma, StripeEvent } from '../generated/client.ts'
import type { JournalRow } from '../rules/missed-webhooks.ts'
import type { Tx } from './tx.ts'

export const stripeEventOutcomes = ['waiting', 'done', 'ignored', 'failed'] as const

export type StripeEventsQuery = {
  before?: number | undefined
  limit: number
  outcome?: (typeof stripeEventOutcomes)[number] | undefined
  type?: string | undefined
}

/** Newest first; `next_before` leads to the page after. */
export async function listStripeEvents(db: Tx, query: StripeEventsQuery) {
  const rows = await db.stripeEvent.findMany({
    where: whereOf(query),
    omit: { body: true, room: true },
    orderBy: { seq: 'desc' },
    take: query.limit,
  })
  const last = rows.length === query.limit ? rows.at(-1) : undefined
  return { events: rows.map(show), next_before: last ? Number(last.seq) : null }
}

export async function findStripeEvent(db: Tx, eventId: string) {
  const row = await db.stripeEvent.findFirst({ where: { eventId }, omit: { body: true, room: true } })
  return row && show(row)
}

function whereOf({ before, outcome, type }: StripeEventsQuery): Prisma.StripeEventWhereInput {
  return {
    ...(before === undefined ? {} : { seq: { lt: before } }),
    ...(outcome === undefined ? {} : withOutcome(outcome)),
    ...(type === undefined ? {} : { type }),
  }
}

function withOutcome(outcome: NonNullable<StripeEventsQuery['outcome']>): Prisma.StripeEventWhereInput {
  switch (outcome) {
    case 'waiting':
      return { processedAt: null, outcome: null }
    case 'failed':
      return { processedAt: null, outcome }
    case 'done':
    case 'ignored':
      return { outcome }
    default:
      return outcome satisfies never
  }
}

function show(row: Omit<StripeEvent, 'body' | 'room'>) {
  return {
    seq: Number(row.seq),
    event_id: row.eventId,
    account: row.account === '' ? null : row.account,
    type: row.type,
    api_version: row.apiVersion,
    livemode: row.livemode,
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

/** Events that may carry money and could not be parsed; null when there are none. */
export async function failedPayments(
  db: Tx,
  types: readonly string[],
): Promise<{ count: number; oldest: { eventId: string; receivedAt: Date; error: string | null } } | null> {
  const where = { processedAt: null, outcome: 'failed', type: { in: [...types] } }
  const oldest = await db.stripeEvent.findFirst({
    where,
    orderBy: { nextAttemptAt: 'asc' },
    select: { eventId: true, receivedAt: true, error: true },
  })
  return oldest && { count: await db.stripeEvent.count({ where }), oldest }
}

/** For how long the event has been due that has been due for longest; null when none is. */
export async function longestDue(db: Transaction): Promise<{ type: string; seconds: number } | null> {
  const [row] = await db.$queryRaw<{ type: string; seconds: bigint | number }[]>(
    sql`SELECT type, TIMESTAMPDIFF(SECOND, next_attempt_at, UTC_TIMESTAMP(3)) AS seconds FROM stripe_event
        WHERE processed_at IS NULL AND next_attempt_at <= UTC_TIMESTAMP(3) ORDER BY next_attempt_at LIMIT 1`,
  )
  return row ? { type: row.type, seconds: Number(row.seconds) } : null
}

const newest = 200

/** How the newest events came here. */
export async function newestJournalRows(db: Tx): Promise<JournalRow[]> {
  return await db.stripeEvent.findMany({
    orderBy: { seq: 'desc' },
    take: newest,
    select: { type: true, source: true, deliveries: true, created: true },
  })
}

type StripeEventCounts = { waiting: number; failed: number; oldest_processed_at: string | null }

/** For each health check: one scan of the index counts both. */
export async function countStripeEvents(db: Transaction): Promise<StripeEventCounts> {
  const [row] = await db.$queryRaw<{ waiting: bigint; failed: bigint; oldest: Date | null }[]>(
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
