import { setTimeout as delay } from 'node:timers/promises'
import { type AnyEvent, readEvent, type StreamName } from '@spawnpoint/contracts'
import { inTransaction, isDatabaseAway, type Transaction, type TransactionClient } from '@spawnpoint/database'
import { type Logger, step } from '@spawnpoint/service-kit'
import type { JsMsg } from 'nats'
import type { Nats } from './connect.ts'
import { bury } from './dead-letter.ts'
import { type Decide, type Outcome, recordAttempt, recordError, writeOutcomes } from './inbox.ts'
import { processList } from './process-list.ts'
import { pull } from './pull.ts'

export type ConsumerOptions<Tx> = {
  nats: Nats
  prisma: TransactionClient<Tx> & Transaction
  /** The durable's name: `<service>-<stream>`. */
  name: string
  stream: StreamName
  decide: Decide<Tx>
  /** Called after each commit: what was decided may have to be published or driven. */
  wake: () => void
  log: Logger
}

type Received = { message: JsMsg; event: AnyEvent }

const listSize = 64
const maxAttempts = 8

/**
 * Takes what is there, as one list in one transaction. A list that throws is tried one by one, so that one bad message never
 * holds its neighbours; a redelivered message runs alone, its attempt committed first, so that one which kills the process
 * is found. While the database is away nothing is counted against anybody.
 */
export function startConsumer<Tx extends Transaction>(
  options: ConsumerOptions<Tx>,
): { stop(): Promise<void> } {
  const { nats, stream, name, log } = options
  const pulled = pull({ nats, stream, name, log })
  const consuming = (async () => {
    for (;;) {
      const messages = await pulled.take(listSize)
      if (messages.length === 0) return
      await handle(options, messages, pulled.isStopped)
    }
  })()
  return {
    stop: async () => {
      pulled.stop()
      await consuming
    },
  }
}

async function handle<Tx extends Transaction>(
  options: ConsumerOptions<Tx>,
  messages: JsMsg[],
  isStopped: () => boolean,
) {
  try {
    const list: Received[] = []
    for (const message of messages) {
      const event = readEvent(message.data)
      if ('problem' in event) await refuse(options, message, event.problem)
      else if (message.redelivered) await handleAlone(options, { message, event })
      else list.push({ message, event })
    }
    if (list.length > 0) await handleList(options, list)
  } catch (error) {
    options.log.warn({ err: error, databaseAway: isDatabaseAway(error) }, 'The list is tried again')
    await delay(500)
    if (!isStopped()) await handle(options, messages, isStopped)
  }
}

async function handleList<Tx extends Transaction>(options: ConsumerOptions<Tx>, list: Received[]) {
  try {
    finish(
      options,
      list,
      await processList(
        { ...options, consumer: options.name },
        list.map(({ event }) => event),
      ),
    )
  } catch (error) {
    if (isDatabaseAway(error)) throw error
    if (list.length > 1)
      options.log.warn({ err: error, events: list.length }, 'A list failed; its messages run alone')
    for (const received of list) await handleAlone(options, received)
  }
}

async function handleAlone<Tx extends Transaction>(options: ConsumerOptions<Tx>, received: Received) {
  const { prisma, name: consumer, log } = options
  const { message, event } = received
  const { attempts, lastError, decided } = await recordAttempt(prisma, { consumer, event })
  if (!decided && attempts > maxAttempts) return giveUp(options, received, lastError)
  try {
    finish(options, [received], await processList({ ...options, consumer }, [event]))
  } catch (error) {
    if (isDatabaseAway(error)) throw error
    log.error(
      { err: error, eventId: event.id, type: event.type, subject: event.subject, attempts },
      'An event failed',
    )
    await recordError(prisma, event, error)
    message.nak(Math.min(60_000, 250 * 2 ** attempts) * (0.75 + Math.random() / 2))
  }
}

async function giveUp<Tx extends Transaction>(
  options: ConsumerOptions<Tx>,
  { message, event }: Received,
  lastError: string | null,
) {
  const dead = {
    outcome: 'dead' as const,
    class: lastError === null ? 'crashed_the_process' : 'failed_too_often',
    message: lastError ?? `The process ended ${maxAttempts} times while this event was decided alone`,
  }
  const letter = {
    eventId: event.id,
    consumer: options.name,
    subject: event.type,
    envelope: JSON.stringify(event),
  }
  await inTransaction(options.prisma, async (tx) => {
    await bury(tx, { ...letter, class: dead.class, message: dead.message })
    await writeOutcomes(tx, new Map([[event.id, dead]]))
  })
  options.log.error(
    { eventId: event.id, type: event.type, class: dead.class },
    'An event is now a dead letter',
  )
  message.ack()
}

async function refuse<Tx extends Transaction>(
  { prisma, name: consumer, stream, log }: ConsumerOptions<Tx>,
  message: JsMsg,
  problem: { class: string; message: string },
) {
  const eventId = message.headers?.get('Nats-Msg-Id') || `${stream}/${message.seq}`
  await bury(prisma, { eventId, consumer, ...problem, subject: message.subject, envelope: message.string() })
  log.error(
    { eventId, class: problem.class, problem: problem.message },
    'An event cannot be read; it is a dead letter',
  )
  message.ack()
}

function finish<Tx>(
  { log, wake, name }: ConsumerOptions<Tx>,
  list: Received[],
  outcomes: Map<string, Outcome>,
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
  wake()
}
