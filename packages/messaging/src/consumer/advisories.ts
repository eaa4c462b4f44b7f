import { setTimeout as delay } from 'node:timers/promises'
import { readEvent, type StreamName } from '@spawnpoint/contracts'
import { inTransaction, type Transaction, type TransactionClient } from '@spawnpoint/database'
import type { Logger } from '@spawnpoint/service-kit'
import type { Msg, Subscription } from 'nats'
import { z } from 'zod'
import type { Nats } from '../connection/connect.ts'
import { storedMessage } from '../connection/streams.ts'
import { eventIdOf } from '../outbox/publish.ts'
import { bury, type DeadLetter, letterId } from './dead-letter.ts'
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
 * The safety net below our own counting: JetStream says once, to whoever listens, that it will never deliver a message again.
 * Our durables let it never come to that; one that was changed by hand does.
 */
export function hearAdvisories<Tx extends Transaction>(options: Options<Tx>): { stop(): Promise<void> } {
  const { nats, stream, name, log } = options
  const subscriptions: Subscription[] = []
  const stopping = new AbortController()
  let burying: Promise<void> = Promise.resolve()

  nats.connection().then(
    (connection) => {
      if (stopping.signal.aborted) return
      for (const kind of ['MAX_DELIVERIES', 'MSG_TERMINATED'] as const)
        subscriptions.push(
          connection.subscribe(`$JS.EVENT.ADVISORY.CONSUMER.${kind}.${stream}.${name}`, {
            queue: name,
            callback: (error, message) => {
              if (error) log.warn({ err: error, consumer: name }, 'JetStream’s advisories cannot be heard')
              else hear(message, classes[kind])
            },
          }),
        )
    },
    () => {},
  )

  function hear(message: Msg, className: string): void {
    const advisory = readAdvisory(message.string())
    if (advisory) burying = burying.then(() => buryUntilDone(advisory, className))
    else log.warn({ consumer: name, advisory: message.string() }, 'An advisory of JetStream cannot be read')
  }

  async function buryUntilDone(advisory: Advisory, className: string): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        return await buryUndelivered(options, advisory, className)
      } catch (error) {
        log.warn({ err: error, consumer: name, seq: advisory.stream_seq }, 'An advisory is tried again')
        await delay(500, undefined, { signal: stopping.signal }).catch(() => {})
      }
    }
  }

  return {
    stop: async () => {
      stopping.abort()
      for (const subscription of subscriptions) subscription.unsubscribe()
      await burying
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

async function buryUndelivered<Tx extends Transaction>(
  { nats, prisma, stream, name: consumer, log }: Options<Tx>,
  { stream_seq: seq, deliveries }: Advisory,
  className: string,
): Promise<void> {
  const message = await storedMessage(nats, stream, seq)
  if (!message) return log.warn({ consumer, seq }, 'JetStream gave up a message that it no longer has')
  const said = `JetStream delivers ${stream}/${seq} no more, after ${deliveries ?? 'some'} deliveries`
  const event = readEvent(message.data)
  const letter: DeadLetter = {
    eventId: letterId(eventIdOf(message.header), `${stream}/${seq}`),
    consumer,
    class: className,
    message: said,
    subject: message.subject,
    envelope: new TextDecoder().decode(message.data),
  }
  const buried = await inTransaction(prisma, async (tx) => {
    if ('problem' in event) {
      await bury(tx, letter, { again: 'leave' })
      return true
    }
    if ((await claim(tx, { consumer, event })) !== null) return false
    await writeOutcomes(tx, new Map([[event.id, { outcome: 'dead', class: className, message: said }]]))
    await bury(tx, { ...letter, eventId: event.id, subject: event.type })
    return true
  })
  if (buried)
    log.error({ consumer, seq, class: className }, 'JetStream gave a message up; it is a dead letter')
}
