import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type AnyEvent, type ReadProblem, readEvent, type StreamName } from '@spawnpoint/contracts'
import { inTransaction, isDatabaseAway, type Transaction, type TransactionClient } from '@spawnpoint/database'
import { failpoint, type Logger } from '@spawnpoint/service-kit'
import type { JsMsg } from 'nats'
import type { Nats } from '../connection/connect.ts'
import { eventIdOf } from '../outbox/publish.ts'
import { consumeAdvisories } from './advisories.ts'
import { deadLetterId, recordDeadLetter } from './dead-letter.ts'
import { type Decide, historiesOf } from './inbox.ts'
import { isolate, type Received } from './isolate.ts'
import { type Processed, processBatch } from './process-batch.ts'
import { pull } from './pull.ts'

/** What a service consumes of a stream, and who decides about it. */
export type ConsumerDefinition<Tx> = {
  /** The durable's name: `<service>-<stream>`. */
  name: string
  stream: StreamName
  decide: Decide<Tx>
  /** What of the stream is decided about; the rest is acknowledged as it comes. Everything. */
  accepts?: (event: AnyEvent) => boolean
}

export type ConsumerOptions<Tx> = ConsumerDefinition<Tx> & {
  nats: Nats
  prisma: TransactionClient<Tx> & Transaction
  /** Called after each commit: what was decided may need further work. */
  wake?: () => void
  /** Called after a commit that put something into the outbox. */
  wakeRelay?: () => void
  /** Shortens retries and the time after which an unanswered message is delivered again; 1. */
  timeScale?: number
  /** The most events that are decided in one transaction; 256. */
  maxBatch?: number
  log: Logger
}

type Unreadable = { message: JsMsg; problem: ReadProblem }

/**
 * Takes what is there, as one batch in one transaction. A batch that throws is retried one by one, so that a poison message
 * never holds up other messages. A message that is delivered a third time, or has failed, is isolated, its attempt committed
 * first, so that one which kills the process is found; what a single crash brought back still runs in a batch, else each crash
 * would cost minutes. Database outages do not count as failed attempts.
 */
export function startConsumer<Tx extends Transaction>(
  options: ConsumerOptions<Tx>,
): { stop(): Promise<void> } {
  const pulled = pull({ timeScale: 1, ...options })
  const advisories = consumeAdvisories(options)
  const consuming = (async () => {
    for (;;) {
      const messages = await pulled.take(options.maxBatch ?? 256)
      if (messages.length === 0) return
      await handle(options, messages, pulled.isStopped)
    }
  })()
  return {
    stop: async () => {
      pulled.stop()
      await consuming
      await advisories.stop()
    },
  }
}

async function handle<Tx extends Transaction>(
  options: ConsumerOptions<Tx>,
  messages: JsMsg[],
  isStopped: () => boolean,
) {
  const inHand = new Set(messages.map(read))
  for (;;) {
    try {
      return await decideAll(options, inHand)
    } catch (error) {
      options.log.warn({ err: error, databaseAway: isDatabaseAway(error) }, 'Retrying batch')
      await delay(500)
      if (isStopped()) return
    }
  }
}

function read(message: JsMsg): Received | Unreadable {
  const event = readEvent(message.data, message.subject)
  return 'problem' in event
    ? { message, problem: event.problem }
    : { message, event, attemptId: randomUUID() }
}

/** Removes from `inHand` what is settled, so that a retry after an error has only the rest. */
async function decideAll<Tx extends Transaction>(
  options: ConsumerOptions<Tx>,
  inHand: Set<Received | Unreadable>,
) {
  const batch: Received[] = []
  const isolated = await isolatedAmong(options.prisma, inHand)
  for (const received of inHand) {
    if ('event' in received && options.accepts && !options.accepts(received.event)) {
      received.message.ack()
      inHand.delete(received)
      continue
    }
    if ('event' in received && !isolated.has(received)) {
      batch.push(received)
      continue
    }
    if ('event' in received) await decideIsolated(options, received)
    else await refuse(options, received)
    inHand.delete(received)
  }
  if (batch.length > 0) await decideBatch(options, batch, inHand)
}

/** Messages that may have failed, or killed the process, before; a first delivery has no history. */
async function isolatedAmong(db: Transaction, inHand: Set<Received | Unreadable>): Promise<Set<unknown>> {
  const redelivered = [...inHand].filter(
    (received): received is Received => 'event' in received && received.message.redelivered,
  )
  const histories = await historiesOf(
    db,
    redelivered.map(({ event }) => event.id),
  )
  return new Set(
    redelivered.filter(({ message, event }) => {
      const { decided, attempts } = histories.get(event.id) ?? { decided: false, attempts: 0 }
      return !decided && (attempts > 0 || message.info.deliveryCount > 2)
    }),
  )
}

async function decideBatch<Tx extends Transaction>(
  options: ConsumerOptions<Tx>,
  batch: Received[],
  inHand: Set<Received | Unreadable>,
) {
  try {
    const events = batch.map(({ event }) => event)
    finish(options, batch, await processBatch({ ...options, consumer: options.name }, events))
  } catch (error) {
    if (isDatabaseAway(error)) throw error
    if (batch.length > 1)
      options.log.warn({ err: error, events: batch.length }, 'A batch failed; isolating its messages')
    for (const received of batch) {
      await decideIsolated(options, received)
      inHand.delete(received)
    }
  }
}

async function decideIsolated<Tx extends Transaction>(options: ConsumerOptions<Tx>, received: Received) {
  const end = await isolate(options, received)
  if ('outcomes' in end) finish(options, [received], end)
  else received.message.nak(end.tryAgainInMs)
}

async function refuse<Tx extends Transaction>(
  { prisma, name: consumer, stream, log }: ConsumerOptions<Tx>,
  { message, problem }: Unreadable,
) {
  const eventId = deadLetterId(eventIdOf(message.headers), `${stream}/${message.seq}`)
  const deadLetter = { eventId, consumer, ...problem, subject: message.subject, envelope: message.string() }
  await inTransaction(prisma, (tx) => recordDeadLetter(tx, deadLetter, { again: 'leave' }))
  log.error(
    { eventId, class: problem.class, problem: problem.message },
    'An event cannot be read; it is a dead letter',
  )
  message.ack()
}

function finish<Tx>(
  { log, wake, wakeRelay, name }: ConsumerOptions<Tx>,
  batch: { message: JsMsg; event: AnyEvent }[],
  { outcomes, hasOutgoing }: Processed,
) {
  for (const { message, event } of batch) {
    message.ack()
    const outcome = outcomes.get(event.id) ?? { outcome: 'duplicate' }
    log.info(
      { consumer: name, eventId: event.id, type: event.type, orderId: event.subject, ...outcome },
      `Processed ${event.type}`,
    )
  }
  failpoint('consume.after-ack')
  wake?.()
  if (hasOutgoing) wakeRelay?.()
}
