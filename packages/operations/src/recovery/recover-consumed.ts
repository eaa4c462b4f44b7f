import type { AnyEvent } from '@spawnpoint/contracts'
import { inTransaction, isDatabaseAway, join, sql, type Transaction } from '@spawnpoint/database'
import {
  type ConsumerDefinition,
  type Found,
  findStream,
  readStream,
  recordDeadLetter,
  writeOutcomes,
} from '@spawnpoint/messaging'
import { forgetAndDecide } from '../replay/replay-decide.ts'
import type { Tables } from '../tables.ts'
import type { RecoverOptions } from './recover-options.ts'
import type { Causes } from './recover-published.ts'

type Counts = { read: number; decided: number; dead: number }

const batchSize = 64

/** A stream that the service consumes: the causes of its own events are done; whatever else the backup does not know is decided now. */
export async function recoverConsumed<Tx extends Tables>(
  { nats, prisma, log }: RecoverOptions<Tx>,
  consumer: ConsumerDefinition<Tx>,
  { causes, stillAlone }: { causes: Causes; stillAlone: () => Promise<void> },
): Promise<Counts> {
  const counts = { read: 0, decided: 0, dead: 0 }
  const info = await findStream(nats, consumer.stream)
  if (!info) return counts
  const { first_seq: fromSeq, last_seq: toSeq } = info.state
  for await (const { found } of readStream({ nats, log }, { stream: consumer.stream, fromSeq, toSeq })) {
    counts.read += found.length
    const accepted = found.filter(({ event }) => consumer.accepts?.(event) ?? true)
    for (let first = 0; first < accepted.length; first += batchSize) {
      await stillAlone()
      const { decided, dead } = await decideBatch(
        prisma,
        consumer,
        accepted.slice(first, first + batchSize),
        causes,
      )
      counts.decided += decided
      counts.dead += dead
    }
  }
  return counts
}

async function decideBatch<Tx extends Tables>(
  prisma: RecoverOptions<Tx>['prisma'],
  consumer: ConsumerDefinition<Tx>,
  batch: Found[],
  causes: Causes,
): Promise<Pick<Counts, 'decided' | 'dead'>> {
  const last = batch.at(-1)
  if (!last) return { decided: 0, dead: 0 }
  const events = batch.map(({ event }) => event)
  try {
    return await inTransaction(prisma, async (tx) => {
      await markDone(
        tx,
        consumer.name,
        events.filter(({ id }) => causes.has(id)),
      )
      const how = { forget: ['parked'], now: last.at }
      const outcomes = await forgetAndDecide(tx, { ...consumer, consumer: consumer.name }, events, how)
      const dead = [...outcomes.values()].filter(({ outcome }) => outcome === 'dead').length
      return { decided: outcomes.size, dead }
    })
  } catch (error) {
    if (isDatabaseAway(error)) throw error
    if (batch.length === 1) return await giveUp(prisma, consumer.name, last.event, error)
    const sum = { decided: 0, dead: 0 }
    for (const one of batch) {
      const { decided, dead } = await decideBatch(prisma, consumer, [one], causes)
      sum.decided += decided
      sum.dead += dead
    }
    return sum
  }
}

// The durable acknowledged it long ago and will not deliver it again: it must not be lost without a decision.
async function giveUp<Tx extends Tables>(
  prisma: RecoverOptions<Tx>['prisma'],
  consumer: string,
  event: AnyEvent,
  error: unknown,
): Promise<Pick<Counts, 'decided' | 'dead'>> {
  const why = { class: 'failed_in_recovery', message: String(error) }
  await inTransaction(prisma, async (tx) => {
    await tx.$executeRaw(sql`INSERT INTO inbox (event_id, consumer, batch_id, type, received_at)
      VALUES (${event.id}, ${consumer}, '', ${event.type}, UTC_TIMESTAMP(3)) ON DUPLICATE KEY UPDATE event_id = inbox.event_id`)
    await writeOutcomes(tx, new Map([[event.id, { outcome: 'dead', ...why }]]))
    await recordDeadLetter(tx, {
      eventId: event.id,
      consumer,
      subject: event.type,
      envelope: JSON.stringify(event),
      ...why,
    })
  })
  return { decided: 0, dead: 1 }
}

async function markDone(tx: Transaction, consumer: string, events: AnyEvent[]): Promise<void> {
  if (events.length === 0) return
  const sorted = events.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const rows = sorted.map(({ id, type }) => sql`(${id}, ${consumer}, '', ${type}, UTC_TIMESTAMP(3), 'done')`)
  await tx.$executeRaw(sql`INSERT INTO inbox (event_id, consumer, batch_id, type, received_at, outcome)
    VALUES ${join(rows)} ON DUPLICATE KEY UPDATE outcome = 'done', reason = NULL`)
}
