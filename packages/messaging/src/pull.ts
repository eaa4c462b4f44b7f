import { setTimeout as delay } from 'node:timers/promises'
import type { StreamName } from '@spawnpoint/contracts'
import type { Logger } from '@spawnpoint/service-kit'
import { AckPolicy, ConsumerEvents, type ConsumerMessages, DeliverPolicy, type JsMsg, nanos } from 'nats'
import type { Nats } from './connect.ts'
import { ensureStream, streamManager } from './streams.ts'

const ackWaitMs = 6_000
const maxAckPending = 512
const lost: string[] = [
  ConsumerEvents.StreamNotFound,
  ConsumerEvents.ConsumerNotFound,
  ConsumerEvents.ConsumerDeleted,
  ConsumerEvents.HeartbeatsMissed,
]

export type Pulled = {
  /** Waits for messages and gives at most `size` of them, in stream order; none only when stopped. */
  take(size: number): Promise<JsMsg[]>
  stop(): void
  isStopped(): boolean
}

/** Keeps a durable pull consumer going, through lost connections and a JetStream store that was wiped. */
export function pull({
  nats,
  stream,
  name,
  log,
}: {
  nats: Nats
  stream: StreamName
  name: string
  log: Logger
}): Pulled {
  const waiting: JsMsg[] = []
  let inHand: JsMsg[] = []
  let stopped = false
  let current: ConsumerMessages | undefined
  let arrived = () => {}

  // A long list, or a database that is away, must not have the rest of it delivered a second time.
  const keepAlive = setInterval(() => {
    for (const message of [...inHand, ...waiting]) message.working()
  }, ackWaitMs / 3)

  const pulling = (async () => {
    while (!stopped) {
      try {
        current = await open({ nats, stream, name })
        watch(current)
        for await (const message of current) {
          waiting.push(message)
          arrived()
        }
      } catch (error) {
        log.warn({ err: error, consumer: name }, 'Consuming is interrupted')
      }
      if (!stopped) await delay(250)
    }
  })()

  async function watch(messages: ConsumerMessages) {
    for await (const { type, data } of await messages.status())
      if (lost.includes(type) && (type !== ConsumerEvents.HeartbeatsMissed || Number(data) >= 2))
        messages.stop()
  }

  return {
    async take(size) {
      inHand = []
      while (waiting.length === 0 && !stopped) await new Promise<void>((resolve) => (arrived = resolve))
      if (stopped) return []
      inHand = waiting.splice(0, size)
      return inHand
    },
    stop() {
      stopped = true
      clearInterval(keepAlive)
      current?.stop()
      for (const message of waiting.splice(0)) message.nak()
      arrived()
      pulling.catch(() => {})
    },
    isStopped: () => stopped,
  }
}

async function open({
  nats,
  stream,
  name,
}: {
  nats: Nats
  stream: StreamName
  name: string
}): Promise<ConsumerMessages> {
  await ensureStream(nats, stream)
  const manager = await streamManager(nats)
  await manager.consumers.add(stream, {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(ackWaitMs),
    max_deliver: -1,
    max_ack_pending: maxAckPending,
  })
  const connection = await nats.connection()
  const consumer = await connection.jetstream().consumers.get(stream, name)
  return consumer.consume({ max_messages: 256, idle_heartbeat: 1_000, expires: 10_000 })
}
