import type { AnyEvent } from '@spawnpoint/contracts'
import { join, sql, type Transaction } from '@spawnpoint/database'

export type Outcome =
  | { outcome: 'done' }
  | { outcome: 'ignored'; reason: string }
  | { outcome: 'parked'; waitingFor: string }
  | { outcome: 'dead'; class: string; message: string }

/**
 * Decides first-time events, in the order they came, inside the list's transaction: loads and locks its aggregates by id,
 * decides in memory, saves, appends to the outbox, and says the outcome of each event (and of each parked one it took along).
 */
export type Decide<Tx> = (tx: Tx, events: AnyEvent[], now: Date) => Promise<Map<string, Outcome>>

/** Marks these events as this batch's and gives those that nobody has decided yet, in the order they came. */
export async function firstTimeOf(
  tx: Transaction,
  { consumer, batchId, events }: { consumer: string; batchId: string; events: AnyEvent[] },
): Promise<AnyEvent[]> {
  // One order for all batches, so that two of them never wait for each other.
  const sorted = [...new Map(events.map((event) => [event.id, event])).values()].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  )
  const rows = sorted.map(({ id, type }) => sql`(${id}, ${consumer}, ${batchId}, ${type}, UTC_TIMESTAMP(3))`)
  await tx.$executeRaw(sql`INSERT INTO inbox (event_id, consumer, batch_id, type, received_at) VALUES ${join(rows)}
    ON DUPLICATE KEY UPDATE batch_id = IF(outcome IS NULL, ${batchId}, batch_id)`)
  const ours = await tx.$queryRaw<{ event_id: string }[]>(sql`SELECT event_id FROM inbox
    WHERE event_id IN (${join(sorted.map(({ id }) => id))}) AND batch_id = ${batchId}`)
  const first = new Set(ours.map(({ event_id }) => event_id))
  return events.filter(({ id }) => first.delete(id))
}

export async function writeOutcomes(tx: Transaction, outcomes: Map<string, Outcome>): Promise<void> {
  if (outcomes.size === 0) return
  const entries = [...outcomes]
  const whenOutcome = entries.map(([id, { outcome }]) => sql`WHEN ${id} THEN ${outcome}`)
  const whenReason = entries.map(([id, outcome]) => sql`WHEN ${id} THEN ${reasonOf(outcome)}`)
  await tx.$executeRaw(sql`UPDATE inbox SET
    outcome = CASE event_id ${join(whenOutcome, ' ')} END,
    reason = CASE event_id ${join(whenReason, ' ')} END
    WHERE event_id IN (${join(entries.map(([id]) => id))})`)
}

/** Says that a lone message is about to be tried, before it is: a message that kills the process is known by its attempts. */
export async function recordAttempt(
  db: Transaction,
  { consumer, event }: { consumer: string; event: AnyEvent },
): Promise<{ attempts: number; lastError: string | null; decided: boolean }> {
  await db.$executeRaw(sql`INSERT INTO inbox (event_id, consumer, batch_id, type, received_at, attempts)
    VALUES (${event.id}, ${consumer}, '', ${event.type}, UTC_TIMESTAMP(3), 1)
    ON DUPLICATE KEY UPDATE attempts = IF(outcome IS NULL, attempts + 1, attempts)`)
  const [row] = await db.$queryRaw<{ attempts: number; reason: string | null; outcome: string | null }[]>(
    sql`SELECT attempts, reason, outcome FROM inbox WHERE event_id = ${event.id}`,
  )
  return {
    attempts: Number(row?.attempts ?? 1),
    lastError: row?.reason ?? null,
    decided: row?.outcome != null,
  }
}

export async function recordError(db: Transaction, event: AnyEvent, error: unknown): Promise<void> {
  await db.$executeRaw(
    sql`UPDATE inbox SET reason = ${String(error).slice(0, 1000)} WHERE event_id = ${event.id} AND outcome IS NULL`,
  )
}

function reasonOf(outcome: Outcome): string | null {
  switch (outcome.outcome) {
    case 'done':
      return null
    case 'ignored':
      return outcome.reason.slice(0, 1000)
    case 'parked':
      return outcome.waitingFor
    case 'dead':
      return `${outcome.class}: ${outcome.message}`.slice(0, 1000)
    default:
      return outcome satisfies never
  }
}
