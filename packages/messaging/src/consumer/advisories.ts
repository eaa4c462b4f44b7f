import { setTimeout as delay } from 'node:timers/promises'
import { readEvent, type StreamName } from '@spawnpoint/contracts'
import { inTransaction, type Transaction, type TransactionClient } from '@spawnpoint/database'
import type { Logger } from '@spawnpoint/service-kit'
import type { Msg, Subscription } from 'nats'
import { z } from 'zod'
import type { Nats } from '../connection/connect.ts'
import { storedMessage } from '../connection/streams.ts'
import { eventIdOf } from '../outbox/publish.ts'
import { type DeadLetter, deadLetterId, recordDeadLetter } from './dead-letter.ts'
import { claim, writeOutcomes } from './inbox.ts'

type Options<Tx> = {
  nats: Nats
  prisma: TransactionClient<Tx> & Transaction
  name: string
  stream: StreamName
  log: Logger
}
const advisorySchema = z.object({ stream_seq: z.number().int(), deliveries: z.number().int().optional() })
type Advisory = z.infer<typeof advisorySchema>

const classes = { MAX_DELIVERIES: 'max_deliveries', MSG_TERMINATED: 'terminated' } as const

/**
 * The safety net below our own counting: JetStream announces once, to whoever subscribes, that it will never deliver a message
 * again. Our durables never let it come to that; one that was changed by hand does.
 */
export function consumeAdvisories<Tx extends Transaction>(options: Options<Tx>): { stop(): Promise<void> } {
  const { nats, stream, name, log } = options
  const subscriptions: Subscription[] = []
  const stopping = new AbortController()
  let recording: Promise<void> = Promise.resolve()

  nats.connection().then(
    (connection) => {
      if (stopping.signal.aborted) return
      for (const kind of ['MAX_DELIVERIES', 'MSG_TERMINATED'] as const)
        subscriptions.push(
          connection.subscribe(`$JS.EVENT.ADVISORY.CONSUMER.${kind}.${stream}.${name}`, {
            queue: name,
            callback: (error, message) => {
              if (error) log.warn({ err: error, consumer: name }, 'JetStream’s advisories cannot be received')
              else onAdvisory(message, classes[kind])
            },
          }),
        )
    },
    () => {},
  )

  function onAdvisory(message: Msg, className: string): void {
    const advisory = readAdvisory(message.string())
    if (advisory) recording = recording.then(() => recordUntilDone(advisory, className))
    else log.warn({ consumer: name, advisory: message.string() }, 'A JetStream advisory cannot be read')
  }

  async function recordUntilDone(advisory: Advisory, className: string): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        return await recordUndelivered(options, advisory, className)
      } catch (error) {
        log.warn({ err: error, consumer: name, seq: advisory.stream_seq }, 'Retrying an advisory')
        await delay(500, undefined, { signal: stopping.signal }).catch(() => {})
      }
    }
  }

  return {
    stop: async () => {
      stopping.abort()
      for (const subscription of subscriptions) subscription.unsubscribe()
      await recording
    },
  }
}

function readAdvisory(text: string): Advisory | undefined {
  try {
    return advisorySchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

async function recordUndelivered<Tx extends Transaction>(
  { nats, prisma, stream, name: consumer, log }: Options<Tx>,
  { stream_seq: seq, deliveries }: Advisory,
  className: string,
): Promise<void> {
  const message = await storedMessage(nats, stream, seq)
  if (!message) return log.warn({ consumer, seq }, 'JetStream gave up on a message that it no longer stores')
  const reason = `JetStream no longer delivers ${stream}/${seq}, after ${deliveries ?? 'some'} deliveries`
  const event = readEvent(message.data, message.subject)
  const deadLetter: DeadLetter = {
    eventId: deadLetterId(eventIdOf(message.header), `${stream}/${seq}`),
    consumer,
    class: className,
    message: reason,
    subject: message.subject,
    envelope: new TextDecoder().decode(message.data),
  }
  const recorded = await inTransaction(prisma, async (tx) => {
    if ('problem' in event) {
      await recordDeadLetter(tx, deadLetter, { again: 'leave' })
      return true
    }
    if ((await claim(tx, { consumer, event })) !== null) return false
    await writeOutcomes(tx, new Map([[event.id, { outcome: 'dead', class: className, message: reason }]]))
    await recordDeadLetter(tx, { ...deadLetter, eventId: event.id, subject: event.type })
    return true
  })
  if (recorded)
    log.error({ consumer, seq, class: className }, 'JetStream gave up on a message; it is a dead letter')
}
