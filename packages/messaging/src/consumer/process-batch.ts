import { randomUUID } from 'node:crypto'
import type { AnyEvent } from '@spawnpoint/contracts'
import { inTransaction, join, sql, type Transaction, type TransactionClient } from '@spawnpoint/database'
import { failpoint } from '@spawnpoint/service-kit'
import { hasOutgoing } from '../outbox/outbox.ts'
import { recordDeadLetter } from './dead-letter.ts'
import { type Decide, firstTimeOf, type Outcome, writeOutcomes } from './inbox.ts'

type Options<Tx> = { prisma: TransactionClient<Tx>; consumer: string; decide: Decide<Tx> }

/** `hasOutgoing`: something was put into the outbox. */
export type Processed = { outcomes: Map<string, Outcome>; hasOutgoing: boolean }

/** Inbox marks, state and outgoing events of a whole batch commit together, or not at all. */
export async function processBatch<Tx extends Transaction>(
  { prisma, consumer, decide }: Options<Tx>,
  events: AnyEvent[],
): Promise<Processed> {
  const processed = await inTransaction(prisma, async (tx) => {
    const outcomes = await decideFirstTime(tx, { consumer, decide, events, now: new Date() })
    failpoint('consume.before-commit')
    return { outcomes, hasOutgoing: hasOutgoing(tx) }
  })
  failpoint('consume.after-commit')
  return processed
}

/** Decides those events which nobody has decided yet, in the caller's transaction. */
export async function decideFirstTime<Tx extends Transaction>(
  tx: Tx,
  { consumer, decide, events, now }: { consumer: string; decide: Decide<Tx>; events: AnyEvent[]; now: Date },
): Promise<Map<string, Outcome>> {
  const first = await firstTimeOf(tx, { consumer, batchId: randomUUID(), events })
  if (first.length === 0) return new Map()
  const decided = await decide(tx, first, now)
  return await settle(
    tx,
    first.map((event) => ({ event, consumer })),
    decided,
    (parked) => decide(tx, parked, now),
  )
}

type Decision = { event: AnyEvent; consumer: string }
type DecideAgain = (events: AnyEvent[]) => Promise<Map<string, Outcome>>

/**
 * Of events that the inbox has as done: parks or dead-letters what was decided so, and writes the other outcomes; returns the
 * final outcomes. What was parked is decided once more: the fact it waits for may have been committed after it was read and
 * before the event was parked.
 */
export async function settle(
  tx: Transaction,
  decisions: Decision[],
  decided: Map<string, Outcome>,
  decideAgain: DecideAgain,
): Promise<Map<string, Outcome>> {
  const parked = await settleOnce(tx, decisions, decided)
  await writeOutcomes(tx, new Map([...decided].filter(([, { outcome }]) => outcome !== 'done')))
  if (parked.length === 0) return decided
  const again = await decideAgain(parked.map(({ event }) => event))
  const found = parked.filter(({ event }) => again.get(event.id)?.outcome !== 'parked')
  await takeParked(
    tx,
    found.map(({ event }) => event.id),
  )
  await settleOnce(tx, found, again)
  await writeOutcomes(tx, again)
  return new Map([...decided, ...again])
}

async function settleOnce(tx: Transaction, decisions: Decision[], decided: Map<string, Outcome>) {
  const parked: Decision[] = []
  for (const { event, consumer } of decisions) {
    const outcome = decided.get(event.id)
    if (!outcome) throw new Error(`${consumer} decided nothing about ${event.type} ${event.id}`)
    if (outcome.outcome === 'parked') {
      await park(tx, event, outcome.waitingFor)
      parked.push({ event, consumer })
    }
    if (outcome.outcome === 'dead') {
      const { class: className, message } = outcome
      const deadLetter = { eventId: event.id, consumer, subject: event.type, envelope: JSON.stringify(event) }
      await recordDeadLetter(tx, { ...deadLetter, class: className, message })
    }
  }
  return parked
}

/** Puts an event aside until the fact it waits for is there. */
async function park(tx: Transaction, event: AnyEvent, waitingFor: string): Promise<void> {
  await tx.$executeRaw(sql`INSERT INTO parked_event (event_id, waiting_for, envelope, parked_at)
    VALUES (${event.id}, ${waitingFor}, ${JSON.stringify(event)}, UTC_TIMESTAMP(3))
    ON DUPLICATE KEY UPDATE waiting_for = ${waitingFor}`)
}

export async function takeParked(tx: Transaction, eventIds: string[]): Promise<void> {
  if (eventIds.length === 0) return
  await tx.$executeRaw(sql`DELETE FROM parked_event WHERE event_id IN (${join(eventIds)})`)
}
