import { type AnyEvent, readEvent } from '@spawnpoint/contracts'
import { join, sql, type Transaction } from '@spawnpoint/database'

export async function park(tx: Transaction, event: AnyEvent, waitingFor: string): Promise<void> {
  await tx.$executeRaw(sql`INSERT INTO parked_event (event_id, waiting_for, envelope, parked_at)
    VALUES (${event.id}, ${waitingFor}, ${JSON.stringify(event)}, UTC_TIMESTAMP(3))
    ON DUPLICATE KEY UPDATE waiting_for = ${waitingFor}`)
}

/** The events that waited for these facts, oldest first: decided again in the transaction that brings the facts. */
export async function unpark(tx: Transaction, facts: string[]): Promise<AnyEvent[]> {
  if (facts.length === 0) return []
  const rows = await tx.$queryRaw<{ event_id: string; envelope: string }[]>(
    sql`SELECT event_id, envelope FROM parked_event WHERE waiting_for IN (${join(facts)}) ORDER BY parked_at, event_id`,
  )
  if (rows.length === 0) return []
  await tx.$executeRaw(
    sql`DELETE FROM parked_event WHERE event_id IN (${join(rows.map(({ event_id }) => event_id))})`,
  )
  return rows.map(({ envelope }) => {
    const event = readEvent(envelope)
    if ('problem' in event)
      throw new Error(`A parked event cannot be read any more: ${event.problem.message}`)
    return event
  })
}
