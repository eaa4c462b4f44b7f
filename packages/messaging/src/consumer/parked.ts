import { type AnyEvent, readEvent } from '@spawnpoint/contracts'
import { sql, type Transaction } from '@spawnpoint/database'
import { consumersOf, type Decide, type Outcome, writeOutcomes } from './inbox.ts'
import { settle, takeParked } from './process-batch.ts'

type ParkedRow = { event_id: string; envelope: string }

/** Decides again what waited for this fact, in the transaction that brings it. */
export async function decideParked<Tx extends Transaction>(
  tx: Tx,
  fact: string,
  decide: Decide<Tx>,
): Promise<void> {
  const rows = await parkedFor(tx, fact)
  if (rows.length === 0) return
  const ids = rows.map(({ event_id }) => event_id)
  await takeParked(tx, ids)
  const events = rows.map(({ envelope }) => read(envelope))
  const consumers = await consumersOf(tx, ids)
  await writeOutcomes(tx, new Map(ids.map((id): [string, Outcome] => [id, { outcome: 'done' }])))
  const decideNow = (batch: AnyEvent[]) => decide(tx, batch, new Date())
  await settle(
    tx,
    events.map((event) => ({ event, consumer: consumers.get(event.id) ?? 'unknown' })),
    await decideNow(events),
    decideNow,
  )
}

/** What waits for this fact. Locks it: what another transaction is parking just now is waited for, not overlooked. */
async function parkedFor(tx: Transaction, fact: string): Promise<ParkedRow[]> {
  return await tx.$queryRaw<ParkedRow[]>(sql`SELECT event_id, envelope FROM parked_event
    WHERE waiting_for = ${fact} ORDER BY parked_at, event_id FOR UPDATE`)
}

function read(envelope: string): AnyEvent {
  const event = readEvent(envelope)
  if ('problem' in event) throw new Error(`A parked event cannot be read any more: ${event.problem.message}`)
  return event
}
