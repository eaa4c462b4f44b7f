import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { ConsumerEvents, type ConsumerMessages, type JsMsg } from 'nats'
import { ackWaitMs, type DurableOptions, ensureDurable } from './durable.ts'
import { startWatchdog } from './watchdog.ts'

const lost: string[] = [
  ConsumerEvents.StreamNotFound,
  ConsumerEvents.ConsumerNotFound,
  ConsumerEvents.ConsumerDeleted,
  ConsumerEvents.HeartbeatsMissed,
]

export type Pulled = {
  /** Waits for messages and returns at most `size` of them, and no more than a batch may hold, in stream order; none only when stopped. */
  take(size: number): Promise<JsMsg[]>
  stop(): void
  isStopped(): boolean
}

/** Keeps a durable pull consumer going, through lost connections and a JetStream store that was wiped. */
export function pull(options: DurableOptions): Pulled {
  const { name, log, timeScale } = options
  const waiting: JsMsg[] = []
  let inHand: JsMsg[] = []
  let received = 0
  let stopped = false
  let isWaiting = false
  let current: ConsumerMessages | undefined
  let arrived = () => {}

  // A long batch, or a database outage, must not have the rest of it delivered a second time.
  const keepAlive = setInterval(() => {
    for (const message of [...inHand, ...waiting]) message.working()
  }, ackWaitMs(timeScale) / 3)
  const watchdog = startWatchdog({
    ...options,
    received: () => ({ received, waiting: waiting.length + inHand.length }),
    reopen: () => current?.stop(),
  })

  const pulling = (async () => {
    while (!stopped) {
      try {
        current = await open(options)
        options.nats.reportJetStream('answers')
        if (!current) {
          if (!isWaiting) log.info({ consumer: name, stream: options.stream }, 'Waiting for the stream')
          isWaiting = true
          await delay(250)
          continue
        }
        isWaiting = false
        if (stopped) current.stop()
        watch(current).catch((error) =>
          log.warn({ err: error, consumer: name }, 'Heartbeats cannot be watched'),
        )
        for await (const message of current) {
          received += 1
          waiting.push(message)
          arrived()
        }
      } catch (error) {
        options.nats.reportJetStream('silent')
        log.warn({ err: error, consumer: name }, 'Consuming was interrupted')
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
      while (waiting.length === 0 && !stopped) {
        await new Promise<void>((resolve) => (arrived = resolve))
        // What came with it, over the same socket at the same moment, belongs to the same batch.
        await nextTurn()
      }
      if (stopped) {
        clearInterval(keepAlive)
        return []
      }
      inHand = waiting.splice(0, lengthOf(waiting, size))
      return inHand
    },
    stop() {
      stopped = true
      watchdog.stop()
      current?.stop()
      for (const message of waiting.splice(0)) message.nak()
      arrived()
      pulling.catch(() => {})
    },
    isStopped: () => stopped,
  }
}

// What is decided together is also written together, in statements that the database takes only up to a length.
const maxBatchBytes = 1024 * 1024

function lengthOf(waiting: JsMsg[], atMost: number): number {
  let bytes = 0
  const end = waiting.findIndex(({ data }, index) => {
    bytes += data.length
    return index > 0 && (index >= atMost || bytes > maxBatchBytes)
  })
  return end === -1 ? waiting.length : end
}

async function open(options: DurableOptions): Promise<ConsumerMessages | undefined> {
  if (!(await ensureDurable(options))) return undefined
  const { nats, stream, name } = options
  const connection = await nats.connection()
  const consumer = await connection.jetstream().consumers.get(stream, name)
  return consumer.consume({ max_messages: 256, idle_heartbeat: 1_000, expires: 10_000 })
}
