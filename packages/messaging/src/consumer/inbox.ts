import type { AnyEvent } from '@spawnpoint/contracts'
import { join, sql, type Transaction } from '@spawnpoint/database'
import { markConsumed } from '../inline-statements.ts'

export type Outcome =
  | { outcome: 'done' }
  | { outcome: 'ignored'; reason: string }
  | { outcome: 'parked'; waitingFor: string }
  | { outcome: 'dead'; class: string; message: string }

/**
 * Decides first-time events, in the order they came, inside the batch's transaction: loads and locks its aggregates by id,
 * decides in memory, saves, appends to the outbox, and returns the outcome of each event (and of each parked one it took along).
 */
export type Decide<Tx> = (tx: Tx, events: AnyEvent[], now: Date) => Promise<Map<string, Outcome>>

/**
 * Marks those of these events that nobody has decided yet as this batch's, and as done: that is what most of them will be, and
 * what they are not is written over it before anybody else sees it. Gives them in the order they came.
 */
export async function firstTimeOf(
  tx: Transaction,
  { consumer, batchId, events }: { consumer: string; batchId: string; events: AnyEvent[] },
): Promise<AnyEvent[]> {
  // One order for all batches, so that two of them never wait for each other.
  const sorted = [...new Map(events.map((event) => [event.id, event])).values()].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  )
  const written = await tx.$executeRaw(markConsumed(sorted, { consumer, batchId }))
  // A new row counts one and a known one, which always changes, two.
  const ids = sorted.map(({ id }) => id)
  const first = new Set(written === ids.length ? ids : await idsOfBatch(tx, ids, batchId))
  return events.filter(({ id }) => first.delete(id))
}

async function idsOfBatch(tx: Transaction, ids: string[], batchId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ event_id: string }[]>(
    sql`SELECT event_id FROM inbox WHERE event_id IN (${join(ids)}) AND batch_id = ${batchId}`,
  )
  return rows.map(({ event_id }) => event_id)
}

/** Most are done, and written in one short statement. */
export async function writeOutcomes(tx: Transaction, outcomes: Map<string, Outcome>): Promise<void> {
  const done: string[] = []
  const others: [string, Outcome][] = []
  for (const [id, outcome] of outcomes)
    if (outcome.outcome === 'done') done.push(id)
    else others.push([id, outcome])
  if (done.length > 0)
    await tx.$executeRaw(
      sql`UPDATE inbox SET outcome = 'done', reason = NULL WHERE event_id IN (${join(done)})`,
    )
  if (others.length > 0) await writeEach(tx, others)
}

async function writeEach(tx: Transaction, outcomes: [string, Outcome][]): Promise<void> {
  const whenOutcome = outcomes.map(([id, { outcome }]) => sql`WHEN ${id} THEN ${outcome}`)
  const whenReason = outcomes.map(
    ([id, outcome]) => sql`WHEN ${id} THEN ${reasonOf(outcome)?.slice(0, 1000) ?? null}`,
  )
  await tx.$executeRaw(sql`UPDATE inbox SET
    outcome = CASE event_id ${join(whenOutcome, ' ')} END,
    reason = CASE event_id ${join(whenReason, ' ')} END
    WHERE event_id IN (${join(outcomes.map(([id]) => id))})`)
}

/** Which consumer received each of these events. */
export async function consumersOf(tx: Transaction, eventIds: string[]): Promise<Map<string, string>> {
  const rows = await tx.$queryRaw<{ event_id: string; consumer: string }[]>(
    sql`SELECT event_id, consumer FROM inbox WHERE event_id IN (${join(eventIds)})`,
  )
  return new Map(rows.map(({ event_id, consumer }) => [event_id, consumer]))
}

/** What was tried before of these events; nothing of those that were never isolated nor decided. */
export async function historiesOf(
  db: Transaction,
  eventIds: string[],
): Promise<Map<string, { decided: boolean; attempts: number }>> {
  if (eventIds.length === 0) return new Map()
  const rows = await db.$queryRaw<{ event_id: string; attempts: number; outcome: string | null }[]>(
    sql`SELECT event_id, attempts, outcome FROM inbox WHERE event_id IN (${join(eventIds)})`,
  )
  return new Map(
    rows.map(({ event_id, attempts, outcome }) => [
      event_id,
      { decided: outcome !== null, attempts: Number(attempts) },
    ]),
  )
}

/** What is known of an event that is about to be decided in isolation; `attempts` counts this one, `firstError` is of an earlier one. */
export type Attempt = { attempts: number; failures: number; firstError: string | null; decided: boolean }

/** Records that an isolated message is about to be tried, before it is. The same `attemptId` counts once. */
export async function recordAttempt(
  db: Transaction,
  { consumer, event, attemptId }: { consumer: string; event: AnyEvent; attemptId: string },
): Promise<Attempt> {
  await db.$executeRaw(sql`INSERT INTO inbox (event_id, consumer, batch_id, type, received_at, attempts)
    VALUES (${event.id}, ${consumer}, ${attemptId}, ${event.type}, UTC_TIMESTAMP(3), 1)
    ON DUPLICATE KEY UPDATE
      attempts = IF(outcome IS NULL AND batch_id <> ${attemptId}, attempts + 1, attempts),
      batch_id = IF(outcome IS NULL, ${attemptId}, batch_id)`)
  const [row] = await db.$queryRaw<
    { attempts: number; failures: number; reason: string | null; outcome: string | null }[]
  >(sql`SELECT attempts, failures, reason, outcome FROM inbox WHERE event_id = ${event.id}`)
  return {
    attempts: Number(row?.attempts ?? 1),
    failures: Number(row?.failures ?? 0),
    firstError: row?.reason ?? null,
    decided: row?.outcome != null,
  }
}

/** Keeps the first error until there is an outcome; gives how many attempts have failed with one. */
export async function recordFailure(
  db: Transaction,
  { event, error }: { event: AnyEvent; error: unknown },
): Promise<number> {
  await db.$executeRaw(sql`UPDATE inbox SET failures = failures + 1,
    reason = COALESCE(reason, ${String(error).slice(0, 1000)}) WHERE event_id = ${event.id} AND outcome IS NULL`)
  const [row] = await db.$queryRaw<{ failures: number }[]>(
    sql`SELECT failures FROM inbox WHERE event_id = ${event.id}`,
  )
  return Number(row?.failures ?? 1)
}

/** Locks the row of an event, made where it is missing, and gives its outcome so far. */
export async function claim(
  tx: Transaction,
  { consumer, event }: { consumer: string; event: AnyEvent },
): Promise<string | null> {
  await tx.$executeRaw(sql`INSERT INTO inbox (event_id, consumer, batch_id, type, received_at)
    VALUES (${event.id}, ${consumer}, '', ${event.type}, UTC_TIMESTAMP(3))
    ON DUPLICATE KEY UPDATE event_id = inbox.event_id`)
  const [row] = await tx.$queryRaw<{ outcome: string | null }[]>(
    sql`SELECT outcome FROM inbox WHERE event_id = ${event.id} FOR UPDATE`,
  )
  return row?.outcome ?? null
}

/** As if the event had never been decided. */
export async function forgetOutcome(tx: Transaction, event: AnyEvent): Promise<void> {
  await tx.$executeRaw(sql`UPDATE inbox SET outcome = NULL, reason = NULL, attempts = 0, failures = 0
    WHERE event_id = ${event.id}`)
}

/** Why it is so; null where it is done. */
export function reasonOf(outcome: Outcome): string | null {
  switch (outcome.outcome) {
    case 'done':
      return null
    case 'ignored':
      return outcome.reason
    case 'parked':
      return outcome.waitingFor
    case 'dead':
      return `${outcome.class}: ${outcome.message}`
    default:
      return outcome satisfies never
  }
}
