import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type AnyEvent, type ReadProblem, readEvent, type StreamName } from '@spawnpoint/contracts'
import { inTransaction, isDatabaseAway, type Transaction, type TransactionClient } from '@spawnpoint/database'
import { type Logger, step } from '@spawnpoint/service-kit'
import type { JsMsg } from 'nats'
import type { Nats } from '../connection/connect.ts'
import { eventIdOf } from '../outbox/publish.ts'
import { hearAdvisories } from './advisories.ts'
import { bury, letterId } from './dead-letter.ts'
import { type Decide, historiesOf } from './inbox.ts'
import { type Received, runAlone } from './isolate.ts'
import { type Processed, processList } from './process-batch.ts'
import { pull } from './pull.ts'

/** What a service hears of a stream, and who decides about it. */
export type Hearing<Tx> = {
  /** The durable's name: `<service>-<stream>`. */
  name: string
  stream: StreamName
  decide: Decide<Tx>
  /** What of the stream is decided about; the rest is acknowledged as it comes. Everything. */
  hears?: (event: AnyEvent) => boolean
}

export type ConsumerOptions<Tx> = Hearing<Tx> & {
  nats: Nats
  prisma: TransactionClient<Tx> & Transaction
  /** Called after each commit: what was decided may have to be driven. */
  wake?: () => void
  /** Called after a commit that put something into the outbox. */
  wakeRelay?: () => void
  /** Shortens retries and the time after which an unanswered message is delivered again; 1. */
  timeScale?: number
  /** The most that are decided in one transaction; 256. */
  maxList?: number
  log: Logger
}

type Unreadable = { message: JsMsg; problem: ReadProblem }

/**
 * Takes what is there, as one list in one transaction. A list that throws is tried one by one, so that one bad message never
 * holds its neighbours. What comes a third time, or has failed, runs alone, its attempt committed first, so that one which
 * kills the process is found; what a single crash brought back still runs in a list, else each crash would cost minutes.
 * While the database is away nothing is counted against anybody.
 */
export function startConsumer<Tx extends Transaction>(
  options: ConsumerOptions<Tx>,
): { stop(): Promise<void> } {
  const pulled = pull({ timeScale: 1, ...options })
  const advisories = hearAdvisories(options)
  const consuming = (async () => {
    for (;;) {
      const messages = await pulled.take(options.maxList ?? 256)
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
      options.log.warn({ err: error, databaseAway: isDatabaseAway(error) }, 'The list is tried again')
      await delay(500)
      if (isStopped()) return
    }
  }
}

function read(message: JsMsg): Received | Unreadable {
  const event = readEvent(message.data)
  return 'problem' in event
    ? { message, problem: event.problem }
    : { message, event, attemptId: randomUUID() }
}

/** Takes out of `inHand` what is settled, so that a rerun after an error has only the rest. */
async function decideAll<Tx extends Transaction>(
  options: ConsumerOptions<Tx>,
  inHand: Set<Received | Unreadable>,
) {
  const list: Received[] = []
  const suspects = await suspectsAmong(options.prisma, inHand)
  for (const received of inHand) {
    if ('event' in received && options.hears && !options.hears(received.event)) {
      received.message.ack()
      inHand.delete(received)
      continue
    }
    if ('event' in received && !suspects.has(received)) {
      list.push(received)
      continue
    }
    if ('event' in received) await decideAlone(options, received)
    else await refuse(options, received)
    inHand.delete(received)
  }
  if (list.length > 0) await decideList(options, list, inHand)
}

/** Those that may be what failed, or killed the process, before: nobody knows of any in a first delivery. */
async function suspectsAmong(db: Transaction, inHand: Set<Received | Unreadable>): Promise<Set<unknown>> {
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

async function decideList<Tx extends Transaction>(
  options: ConsumerOptions<Tx>,
  list: Received[],
  inHand: Set<Received | Unreadable>,
) {
  try {
    const events = list.map(({ event }) => event)
    finish(options, list, await processList({ ...options, consumer: options.name }, events))
  } catch (error) {
    if (isDatabaseAway(error)) throw error
    if (list.length > 1)
      options.log.warn({ err: error, events: list.length }, 'A list failed; its messages run alone')
    for (const received of list) {
      await decideAlone(options, received)
      inHand.delete(received)
    }
  }
}

async function decideAlone<Tx extends Transaction>(options: ConsumerOptions<Tx>, received: Received) {
  const end = await runAlone(options, received)
  if ('outcomes' in end) finish(options, [received], end)
  else received.message.nak(end.tryAgainInMs)
}

async function refuse<Tx extends Transaction>(
  { prisma, name: consumer, stream, log }: ConsumerOptions<Tx>,
  { message, problem }: Unreadable,
) {
  const eventId = letterId(eventIdOf(message.headers), `${stream}/${message.seq}`)
  const letter = { eventId, consumer, ...problem, subject: message.subject, envelope: message.string() }
  await inTransaction(prisma, (tx) => bury(tx, letter, { again: 'leave' }))
  log.error(
    { eventId, class: problem.class, problem: problem.message },
    'An event cannot be read; it is a dead letter',
  )
  message.ack()
}

function finish<Tx>(
  { log, wake, wakeRelay, name }: ConsumerOptions<Tx>,
  list: { message: JsMsg; event: AnyEvent }[],
  { outcomes, says }: Processed,
) {
  for (const { message, event } of list) {
    message.ack()
    const outcome = outcomes.get(event.id) ?? { outcome: 'duplicate' }
    log.info(
      { consumer: name, eventId: event.id, type: event.type, orderId: event.subject, ...outcome },
      `Heard ${event.type}`,
    )
  }
  step('consume.after-ack')
  wake?.()
  if (says) wakeRelay?.()
}
