import { z } from '@hono/zod-openapi'
import { empty, join, sql, type Transaction } from '@spawnpoint/database'
import type { UpdateResult } from '../rules/billing-update.ts'
import type { FetchedEvent } from '../rules/fetched-event.ts'
import { type Delivery, insertJournal, markProcessed, type Settled } from './inline-statements.ts'
import type { Tx } from './tx.ts'

export type JournalEntry = Omit<Delivery, 'deliveries'>

/** Each with its number of deliveries in this batch. */
export async function insertDeliveries(db: Transaction, entries: Delivery[]): Promise<void> {
  // Never INSERT IGNORE: it would also hide a truncated body.
  await db.$executeRaw(insertJournal(entries))
}

/**
 * Inserts the events that are missing in the journal and returns how many. A concurrent insert of the same event makes this
 * transaction fail: `inTransaction` retries it.
 */
export async function storeFetched(db: Tx, fetched: FetchedEvent[]): Promise<number> {
  if (fetched.length === 0) return 0
  const known = await storedAmong(
    db,
    fetched.map(({ eventId }) => eventId),
  )
  const missing = new Map(
    fetched.filter(({ eventId }) => !known.has(eventId)).map((event) => [event.eventId, event]),
  )
  if (missing.size === 0) return 0
  const rows = [...missing.values()]
    .toSorted((a, b) => (a.eventId < b.eventId ? -1 : 1))
    .map(
      ({ source, eventId, type, apiVersion, livemode, created, body }) =>
        sql`('', ${eventId}, ${type}, ${apiVersion}, ${livemode}, ${created}, ${body}, 0, UTC_TIMESTAMP(3), ${source}, UTC_TIMESTAMP(3))`,
    )
  await db.$executeRaw(
    sql`INSERT INTO stripe_event (account, event_id, type, api_version, livemode, created, body, deliveries,
          received_at, source, next_attempt_at)
        VALUES ${join(rows)}`,
  )
  return missing.size
}

async function storedAmong(db: Tx, eventIds: string[]): Promise<Set<string>> {
  const rows = await db.stripeEvent.findMany({
    where: { eventId: { in: eventIds }, account: '' },
    select: { eventId: true },
  })
  return new Set(rows.map(({ eventId }) => eventId))
}

export type DueEvent = {
  seq: bigint
  eventId: string
  type: string
  body: Uint8Array
  attempts: number
  reason: string | null
  source: string
  created: Date
}

// Most ticks find nothing: they cost one read instead of a transaction.
export async function isAnyDue(db: Transaction): Promise<boolean> {
  const due = await db.$queryRaw<unknown[]>(
    sql`SELECT seq FROM stripe_event WHERE processed_at IS NULL AND next_attempt_at <= UTC_TIMESTAMP(3) LIMIT 1`,
  )
  return due.length > 0
}

/** `only`: restricts it to this event. */
export function takeDue(tx: Transaction, atMost: number, only: bigint | null): PromiseLike<DueEvent[]> {
  return tx.$queryRaw<DueEvent[]>(
    sql`SELECT seq, event_id AS eventId, type, body, attempts, reason, source, created FROM stripe_event
        WHERE processed_at IS NULL AND next_attempt_at <= UTC_TIMESTAMP(3) ${only === null ? empty : sql`AND seq = ${only}`}
        ORDER BY next_attempt_at LIMIT ${atMost} FOR UPDATE SKIP LOCKED`,
  )
}

/** Without their bodies, and without a lock. */
export function listDue(
  db: Transaction,
  atMost: number,
): PromiseLike<Pick<DueEvent, 'seq' | 'eventId' | 'type' | 'attempts'>[]> {
  return db.$queryRaw<Pick<DueEvent, 'seq' | 'eventId' | 'type' | 'attempts'>[]>(
    sql`SELECT seq, event_id AS eventId, type, attempts FROM stripe_event
        WHERE processed_at IS NULL AND next_attempt_at <= UTC_TIMESTAMP(3) ORDER BY next_attempt_at LIMIT ${atMost}`,
  )
}

const maxRows = 200

/** A few at a time; returns how many. */
export async function removeProcessed(tx: Transaction, retentionDays: number): Promise<number> {
  const old = await tx.$queryRaw<{ seq: bigint }[]>(
    sql`SELECT seq FROM stripe_event WHERE processed_at < UTC_TIMESTAMP(3) - INTERVAL ${retentionDays} DAY
        ORDER BY processed_at LIMIT ${maxRows}`,
  )
  if (old.length === 0) return 0
  // A retry of one of them may have been requested meanwhile.
  return await tx.$executeRaw(
    sql`DELETE FROM stripe_event WHERE seq IN (${join(old.map(({ seq }) => seq))}) AND processed_at IS NOT NULL`,
  )
}

/** The result of one event of the journal. */
export type ProcessingResult = { seq: bigint; eventId: string; type: string; attempts: number } & (
  | UpdateResult
  | { outcome: 'failed'; error: unknown }
)

/** A failed event stays due with growing delays: a fixed version of this service will process it by itself. */
export async function recordOutcomes(tx: Transaction, results: ProcessingResult[]): Promise<void> {
  for (const [reason, settled] of settledByReason(results))
    await tx.$executeRaw(markProcessed(settled, reason))
  for (const result of results) {
    if (result.outcome === 'failed') await markFailed(tx, result)
    if (result.outcome === 'look') await markForLookup(tx, result)
  }
}

function settledByReason(results: ProcessingResult[]): Map<string | null, Settled[]> {
  const groups = new Map<string | null, Settled[]>()
  for (const result of results) {
    if (result.outcome === 'failed' || result.outcome === 'look') continue
    const [reason, waitingFor] =
      result.outcome === 'ignored' ? [result.reason, result.waitingFor] : [null, null]
    groups.set(reason, [...(groups.get(reason) ?? []), { seq: result.seq, waitingFor }])
  }
  return groups
}

function markFailed(tx: Transaction, { seq, attempts, error }: ProcessingResult & { outcome: 'failed' }) {
  return tx.$executeRaw(
    sql`UPDATE stripe_event SET attempts = attempts + 1, outcome = 'failed', error = ${describe(error)},
          next_attempt_at = TIMESTAMPADD(MICROSECOND, ${retryDelayMs(attempts + 1) * 1000}, UTC_TIMESTAMP(3))
        WHERE seq = ${seq}`,
  )
}

// It is due again after the lookup; should that never happen, it is processed again in an hour and requests it again.
function markForLookup(tx: Transaction, { seq, target }: ProcessingResult & { outcome: 'look' }) {
  return tx.$executeRaw(
    sql`UPDATE stripe_event SET attempts = attempts + 1, outcome = NULL, reason = 'look', waiting_for = ${target},
          next_attempt_at = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR
        WHERE seq = ${seq}`,
  )
}

const longestDelayMs = 3_600_000

function retryDelayMs(attempt: number): number {
  const full = Math.min(1_000 * 2 ** attempt, longestDelayMs)
  return Math.round(full * (0.5 + Math.random() / 2))
}

function describe(error: unknown): string {
  return sentenceOf(error).slice(0, 1000)
}

function sentenceOf(error: unknown): string {
  if (error instanceof z.ZodError)
    return error.issues.map(({ path, message }) => `${path.join('.') || 'the object'}: ${message}`).join('; ')
  return error instanceof Error ? error.message : String(error)
}
