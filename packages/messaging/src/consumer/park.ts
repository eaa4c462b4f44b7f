import type { AnyEvent } from '@spawnpoint/contracts'
import { join, sql, type Transaction } from '@spawnpoint/database'

export type ParkedRow = { event_id: string; envelope: string }

/** Puts an event aside until the fact it waits for is there. */
export async function park(tx: Transaction, event: AnyEvent, waitingFor: string): Promise<void> {
  await tx.$executeRaw(sql`INSERT INTO parked_event (event_id, waiting_for, envelope, parked_at)
    VALUES (${event.id}, ${waitingFor}, ${JSON.stringify(event)}, UTC_TIMESTAMP(3))
    ON DUPLICATE KEY UPDATE waiting_for = ${waitingFor}`)
}

/** What waits for this fact. Locks it: what another transaction is parking just now is waited for, not overlooked. */
export async function parkedFor(tx: Transaction, fact: string): Promise<ParkedRow[]> {
  return await tx.$queryRaw<ParkedRow[]>(sql`SELECT event_id, envelope FROM parked_event
    WHERE waiting_for = ${fact} ORDER BY parked_at, event_id FOR UPDATE`)
}

export async function takeParked(tx: Transaction, eventIds: string[]): Promise<void> {
  if (eventIds.length === 0) return
  await tx.$executeRaw(sql`DELETE FROM parked_event WHERE event_id IN (${join(eventIds)})`)
}
