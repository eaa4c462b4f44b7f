import { type AnyEvent, readEvent } from '@spawnpoint/contracts'
import { join, sql, type Transaction } from '@spawnpoint/database'
import { type Decide, writeOutcomes } from './inbox.ts'

export async function park(tx: Transaction, event: AnyEvent, waitingFor: string): Promise<void> {
  await tx.$executeRaw(sql`INSERT INTO parked_event (event_id, waiting_for, envelope, parked_at)
    VALUES (${event.id}, ${waitingFor}, ${JSON.stringify(event)}, UTC_TIMESTAMP(3))
    ON DUPLICATE KEY UPDATE waiting_for = ${waitingFor}`)
}

/** Decides again what waited for this fact, in the transaction that brings it. */
export async function decideParked<Tx extends Transaction>(
  tx: Tx,
  fact: string,
  decide: Decide<Tx>,
): Promise<void> {
  const events = await unpark(tx, [fact])
  if (events.length > 0) await writeOutcomes(tx, await decide(tx, events, new Date()))
}

async function unpark(tx: Transaction, facts: string[]): Promise<AnyEvent[]> {
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
