import { type AnyEvent, readEvent, type StreamName } from '@spawnpoint/contracts'
import { inTransaction, isDatabaseAway, sql, type TransactionClient } from '@spawnpoint/database'
import {
  claim,
  type Decide,
  decideFirstTime,
  forgetOutcome,
  type Outcome,
  reasonOf,
} from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type { DeadLetter, Tables } from '../tables.ts'
import { openDeadLetterIds, resolveDeadLetters, type Which } from './dead-letters.ts'

export type Redriven = {
  id: string
  outcome: Outcome['outcome'] | 'failed' | 'unreadable' | 'not_found' | 'already_resolved' | 'already_decided'
  detail: string | null
}

export type RedriveOptions<Tx> = {
  prisma: TransactionClient<Tx> & Tables
  /** What the service consumes, and who decides about it. */
  consumers: { name: string; stream: StreamName; decide: Decide<Tx> }[]
  /** Called when something was decided: it may have to be published or need further work. */
  wake: () => void
  log: Logger
}

/** Decides dead letters again, each in a transaction of its own: decided, or still dead with the reason. */
export async function redriveDeadLetters<Tx extends Tables>(
  options: RedriveOptions<Tx>,
  which: Which,
  { by, limit }: { by: string; limit: number },
): Promise<{ results: Redriven[]; remaining: number }> {
  const { ids, remaining } = await openDeadLetterIds(options.prisma, which, limit)
  const results: Redriven[] = []
  for (const id of ids) {
    const result = await redriveOne(options, id, by)
    options.log.info({ eventId: id, by, ...result }, 'A dead letter was redriven')
    results.push(result)
  }
  if (results.some(({ outcome }) => outcome !== 'not_found')) options.wake()
  return { results, remaining }
}

async function redriveOne<Tx extends Tables>(
  options: RedriveOptions<Tx>,
  id: string,
  by: string,
): Promise<Redriven> {
  const deadLetter = await options.prisma.deadLetter.findUnique({ where: { eventId: id } })
  if (!deadLetter) return { id, outcome: 'not_found', detail: 'There is no such dead letter' }
  if (deadLetter.resolvedAt) return { id, outcome: 'already_resolved', detail: deadLetter.note }
  const event = readEvent(deadLetter.envelope, deadLetter.subject)
  if ('problem' in event) return stillDead(options.prisma, deadLetter, 'unreadable', event.problem.message)
  const consumer = options.consumers.find(({ name }) => name === deadLetter.consumer)
  if (!consumer)
    return stillDead(
      options.prisma,
      deadLetter,
      'failed',
      `No consumer here is called ${deadLetter.consumer}`,
    )
  try {
    return await inTransaction(options.prisma, (tx) =>
      decideAgain(tx, { deadLetter, event, by, ...consumer }),
    )
  } catch (error) {
    if (isDatabaseAway(error)) throw error
    return stillDead(options.prisma, deadLetter, 'failed', String(error))
  }
}

async function decideAgain<Tx extends Tables>(
  tx: Tx,
  {
    deadLetter,
    event,
    by,
    name: consumer,
    decide,
  }: { deadLetter: DeadLetter; event: AnyEvent; by: string; name: string; decide: Decide<Tx> },
): Promise<Redriven> {
  const id = deadLetter.eventId
  // The inbox before the dead letter: the order in which a consumer locks them.
  const before = await claim(tx, { consumer, event })
  const [locked] = await tx.$queryRaw<{ resolved_at: Date | null; note: string | null }[]>(
    sql`SELECT resolved_at, note FROM dead_letter WHERE event_id = ${id} FOR UPDATE`,
  )
  if (!locked || locked.resolved_at) return { id, outcome: 'already_resolved', detail: locked?.note ?? null }
  await countAttempt(tx, id)
  if (before !== null && before !== 'dead') {
    await resolveDeadLetters(tx, { ids: [id] }, { by, note: `Decided meanwhile: ${before}` })
    return { id, outcome: 'already_decided', detail: before }
  }
  await forgetOutcome(tx, event)
  const outcomes = await decideFirstTime(tx, { consumer, decide, events: [event], now: new Date() })
  const outcome = outcomes.get(event.id)
  if (!outcome) throw new Error(`${consumer} decided nothing about ${event.type} ${event.id}`)
  // Dead again under its own id, where the dead letter was kept under another.
  if (outcome.outcome !== 'dead' || id !== event.id)
    await resolveDeadLetters(tx, { ids: [id] }, { by, note: `Driven again: ${outcome.outcome}` })
  return { id, outcome: outcome.outcome, detail: reasonOf(outcome) }
}

async function stillDead(
  db: Tables,
  { eventId: id }: DeadLetter,
  outcome: 'failed' | 'unreadable',
  detail: string,
): Promise<Redriven> {
  await db.deadLetter.updateMany({
    where: { eventId: id, resolvedAt: null },
    data: { attempts: { increment: 1 }, lastError: detail.slice(0, 1000) },
  })
  return { id, outcome, detail }
}

function countAttempt(tx: Tables, id: string): PromiseLike<unknown> {
  return tx.deadLetter.updateMany({ where: { eventId: id }, data: { attempts: { increment: 1 } } })
}
