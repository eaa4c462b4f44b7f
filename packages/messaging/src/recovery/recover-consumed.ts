import type { AnyEvent } from '@spawnpoint/contracts'
import { inTransaction, isDatabaseAway, join, sql, type Transaction } from '@spawnpoint/database'
import { ensureStream } from '../connection/streams.ts'
import type { Hearing } from '../consumer/consume.ts'
import { bury } from '../consumer/dead-letter.ts'
import { writeOutcomes } from '../consumer/inbox.ts'
import { forgetAndDecide } from '../replay/replay-decide.ts'
import type { Found } from '../replay/replay-request.ts'
import { readStream } from '../replay/replay-stream.ts'
import type { RecoverOptions } from './recover-options.ts'
import type { Causes } from './recover-published.ts'

type Counts = { read: number; decided: number; dead: number }

const listSize = 64

/** A stream that we hear: what our own events were said because of is done; whatever else the backup does not know is decided now. */
export async function recoverHeard<Tx extends Transaction>(
  { nats, prisma, log }: RecoverOptions<Tx>,
  consumer: Hearing<Tx>,
  { causes, stillAlone }: { causes: Causes; stillAlone: () => Promise<void> },
): Promise<Counts> {
  const { first_seq: fromSeq, last_seq: toSeq } = (await ensureStream(nats, consumer.stream)).state
  const counts = { read: 0, decided: 0, dead: 0 }
  for await (const { found } of readStream({ nats, log }, { stream: consumer.stream, fromSeq, toSeq })) {
    counts.read += found.length
    const heard = found.filter(({ event }) => consumer.hears?.(event) ?? true)
    for (let first = 0; first < heard.length; first += listSize) {
      await stillAlone()
      const { decided, dead } = await decideList(
        prisma,
        consumer,
        heard.slice(first, first + listSize),
        causes,
      )
      counts.decided += decided
      counts.dead += dead
    }
  }
  return counts
}

async function decideList<Tx extends Transaction>(
  prisma: RecoverOptions<Tx>['prisma'],
  consumer: Hearing<Tx>,
  list: Found[],
  causes: Causes,
): Promise<Pick<Counts, 'decided' | 'dead'>> {
  const last = list.at(-1)
  if (!last) return { decided: 0, dead: 0 }
  const events = list.map(({ event }) => event)
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
    if (list.length === 1) return await giveUp(prisma, consumer.name, last.event, error)
    const sum = { decided: 0, dead: 0 }
    for (const one of list) {
      const { decided, dead } = await decideList(prisma, consumer, [one], causes)
      sum.decided += decided
      sum.dead += dead
    }
    return sum
  }
}

// The durable has acknowledged it long ago and brings it no more: it must not be lost for want of a decision.
async function giveUp<Tx extends Transaction>(
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
    await bury(tx, {
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
