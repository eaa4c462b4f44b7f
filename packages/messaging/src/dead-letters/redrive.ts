import { type AnyEvent, readEvent, type StreamName } from '@spawnpoint/contracts'
import {
  inTransaction,
  isDatabaseAway,
  sql,
  type Transaction,
  type TransactionClient,
} from '@spawnpoint/database'
import type { Logger } from '@spawnpoint/service-kit'
import { claim, type Decide, forgetOutcome, type Outcome, reasonOf } from '../consumer/inbox.ts'
import { decideFirstTime } from '../consumer/process-batch.ts'
import { type LetterRow, openLetterIds, resolveDeadLetters, type Which } from './dead-letters.ts'

export type Redriven = {
  id: string
  outcome: Outcome['outcome'] | 'failed' | 'unreadable' | 'not_found' | 'already_resolved' | 'already_decided'
  detail: string | null
}

export type RedriveOptions<Tx> = {
  prisma: TransactionClient<Tx> & Transaction
  /** What the service hears, and who decides about it. */
  consumers: { name: string; stream: StreamName; decide: Decide<Tx> }[]
  /** Called when something was decided: it may have to be published or driven. */
  wake: () => void
  log: Logger
}

/** Decides dead letters again, each in a transaction of its own: really decided, or dead still and said why. */
export async function redriveDeadLetters<Tx extends Transaction>(
  options: RedriveOptions<Tx>,
  which: Which,
  { by, limit }: { by: string; limit: number },
): Promise<{ results: Redriven[]; remaining: number }> {
  const { ids, remaining } = await openLetterIds(options.prisma, which, limit)
  const results: Redriven[] = []
  for (const id of ids) {
    const result = await redriveOne(options, id, by)
    options.log.info({ eventId: id, by, ...result }, 'A dead letter was driven again')
    results.push(result)
  }
  if (results.some(({ outcome }) => outcome !== 'not_found')) options.wake()
  return { results, remaining }
}

async function redriveOne<Tx extends Transaction>(
  options: RedriveOptions<Tx>,
  id: string,
  by: string,
): Promise<Redriven> {
  const letter = await readLetter(options.prisma, id)
  if (!letter) return { id, outcome: 'not_found', detail: 'There is no such dead letter' }
  if (letter.resolved_at) return { id, outcome: 'already_resolved', detail: letter.note }
  const event = readEvent(letter.envelope)
  if ('problem' in event) return stillDead(options.prisma, letter, 'unreadable', event.problem.message)
  const consumer = options.consumers.find(({ name }) => name === letter.consumer)
  if (!consumer)
    return stillDead(options.prisma, letter, 'failed', `No consumer here is called ${letter.consumer}`)
  try {
    return await inTransaction(options.prisma, (tx) => decideAgain(tx, { letter, event, by, ...consumer }))
  } catch (error) {
    if (isDatabaseAway(error)) throw error
    return stillDead(options.prisma, letter, 'failed', String(error))
  }
}

async function decideAgain<Tx extends Transaction>(
  tx: Tx,
  {
    letter,
    event,
    by,
    name: consumer,
    decide,
  }: { letter: LetterRow; event: AnyEvent; by: string; name: string; decide: Decide<Tx> },
): Promise<Redriven> {
  const id = letter.event_id
  // The inbox before the letter: the order in which a consumer takes them.
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
  // Dead again under its own id, where the letter was kept under another.
  if (outcome.outcome !== 'dead' || id !== event.id)
    await resolveDeadLetters(tx, { ids: [id] }, { by, note: `Driven again: ${outcome.outcome}` })
  return { id, outcome: outcome.outcome, detail: reasonOf(outcome) }
}

async function stillDead(
  db: Transaction,
  { event_id: id }: LetterRow,
  outcome: 'failed' | 'unreadable',
  detail: string,
): Promise<Redriven> {
  await db.$executeRaw(sql`UPDATE dead_letter SET attempts = attempts + 1, last_error = ${detail.slice(0, 1000)}
    WHERE event_id = ${id} AND resolved_at IS NULL`)
  return { id, outcome, detail }
}

function countAttempt(tx: Transaction, id: string): PromiseLike<number> {
  return tx.$executeRaw(sql`UPDATE dead_letter SET attempts = attempts + 1 WHERE event_id = ${id}`)
}

async function readLetter(db: Transaction, id: string): Promise<LetterRow | undefined> {
  const [row] = await db.$queryRaw<LetterRow[]>(sql`SELECT * FROM dead_letter WHERE event_id = ${id}`)
  return row
}
