import type { AnyEvent } from '@spawnpoint/contracts'
import { inTransaction, isDatabaseAway, type Transaction, type TransactionClient } from '@spawnpoint/database'
import type { Logger } from '@spawnpoint/service-kit'
import type { JsMsg } from 'nats'
import { recordDeadLetter } from './dead-letter.ts'
import { type Decide, recordAttempt, recordFailure, writeOutcomes } from './inbox.ts'
import { type Processed, processBatch } from './process-batch.ts'

/** One delivery of one event. Its `attemptId` stays the same however often the database goes away under it. */
export type Received = { message: JsMsg; event: AnyEvent; attemptId: string }

type Options<Tx> = {
  prisma: TransactionClient<Tx> & Transaction
  name: string
  decide: Decide<Tx>
  timeScale?: number
  log: Logger
}
type End = Processed | { tryAgainInMs: number }

const maxFailures = 8
const maxCrashes = 4

// Of all the consumers of this process: a message that runs beside one that kills it would count the same crash.
let alone: Promise<unknown> = Promise.resolve()

/** Decides one event by itself, its attempt committed first: an attempt without a recorded result has killed the process. */
export function isolate<Tx extends Transaction>(options: Options<Tx>, received: Received): Promise<End> {
  const run = alone.then(() => attempt(options, received))
  alone = run.catch(() => {})
  return run
}

async function attempt<Tx extends Transaction>(
  options: Options<Tx>,
  { event, attemptId }: Received,
): Promise<End> {
  const { prisma, name: consumer, timeScale = 1, log } = options
  const known = await recordAttempt(prisma, { consumer, event, attemptId })
  const crashes = known.attempts - 1 - known.failures
  if (!known.decided && crashes >= maxCrashes)
    return giveUp(options, event, {
      class: 'crashed_the_process',
      message: `The process ended ${crashes} times while this event was decided in isolation`,
      firstError: known.firstError,
    })
  try {
    return await processBatch({ ...options, consumer }, [event])
  } catch (error) {
    if (isDatabaseAway(error)) throw error
    const failures = await recordFailure(prisma, { event, error })
    log.error(
      { err: error, eventId: event.id, type: event.type, subject: event.subject, failures },
      'An event failed',
    )
    if (failures >= maxFailures)
      return giveUp(options, event, {
        class: 'failed_too_often',
        message: String(error),
        firstError: known.firstError,
      })
    return { tryAgainInMs: retryDelayMs(failures, timeScale) }
  }
}

async function giveUp<Tx extends Transaction>(
  { prisma, name: consumer, log }: Options<Tx>,
  event: AnyEvent,
  death: { class: string; message: string; firstError: string | null },
): Promise<End> {
  const outcomes = new Map([[event.id, { outcome: 'dead' as const, ...death }]])
  const deadLetter = { eventId: event.id, consumer, subject: event.type, envelope: JSON.stringify(event) }
  await inTransaction(prisma, async (tx) => {
    await writeOutcomes(tx, outcomes)
    await recordDeadLetter(tx, { ...deadLetter, ...death })
  })
  log.error({ eventId: event.id, type: event.type, class: death.class }, 'An event became a dead letter')
  return { outcomes, hasOutgoing: false }
}

function retryDelayMs(failures: number, timeScale: number): number {
  const ms = Math.min(60_000, 250 * 2 ** failures) * timeScale * (0.75 + Math.random() / 2)
  return Math.max(10, Math.round(ms))
}
