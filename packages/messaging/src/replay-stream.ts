import { type AnyEvent, readEvent, type StreamName } from '@spawnpoint/contracts'
import type { Logger } from '@spawnpoint/service-kit'
import { AckPolicy, type Consumer, DeliverPolicy, type JsMsg, nanos } from 'nats'
import type { Nats } from './connect.ts'
import type { Found } from './replay-request.ts'
import { streamManager } from './streams.ts'

export type StreamRange = {
  stream: StreamName
  /** One subject only: nats-server 2.9 filters by no more. */
  subject?: string | undefined
  fromSeq: number
  /** Instead of `fromSeq`, for the first message only. */
  since?: string | undefined
  toSeq: number
}

/** Messages in stream order; `nextSeq` is where reading goes on, `total` how many there were to read when it began. */
export type StreamPage = { found: Found[]; unreadable: number; nextSeq: number; total: number }

const pageSize = 256
const patienceMs = 5_000

/**
 * Reads a part of a stream once, beside its durables, without acknowledging. A page that does not follow the one before it (its
 * answer was lost with a connection) is read again from where the last one ended.
 */
export async function* readStream(
  { nats, log }: { nats: Nats; log: Logger },
  range: StreamRange,
): AsyncGenerator<StreamPage> {
  const decoded = { nextSeq: range.fromSeq, total: 0 }
  let reader = await open(nats, range)
  decoded.total = Math.min(reader.pending, range.toSeq)
  for (let misses = 0; reader.pending > 0 && decoded.nextSeq <= range.toSeq; ) {
    const messages = await fetchPage(reader).catch((error) => {
      if (++misses > 5) throw new Error(`Reading ${range.stream} from ${decoded.nextSeq}`, { cause: error })
      log.warn({ err: error, stream: range.stream }, 'Reading a stream is interrupted')
      return null
    })
    if (messages === null) {
      const { since: _, ...rest } = range
      reader = await open(
        nats,
        decoded.nextSeq > range.fromSeq ? { ...rest, fromSeq: decoded.nextSeq } : range,
      )
      continue
    }
    misses = 0
    decoded.nextSeq = (messages.at(-1)?.seq ?? range.toSeq) + 1
    yield { ...readPage(messages, range.toSeq), ...decoded }
  }
}

type Reader = { consumer: Consumer; pending: number; delivered: number }

async function open(nats: Nats, { stream, subject, fromSeq, since }: StreamRange): Promise<Reader> {
  const manager = await streamManager(nats)
  const info = await manager.consumers.add(stream, {
    ack_policy: AckPolicy.None,
    inactive_threshold: nanos(600_000),
    ...(subject ? { filter_subject: subject } : {}),
    ...(since
      ? { deliver_policy: DeliverPolicy.StartTime, opt_start_time: since }
      : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: Math.max(1, fromSeq) }),
  })
  const connection = await nats.connection()
  const consumer = await connection.jetstream().consumers.get(stream, info.name)
  return { consumer, pending: info.num_pending, delivered: 0 }
}

async function fetchPage(reader: Reader): Promise<JsMsg[]> {
  const wanted = Math.min(pageSize, reader.pending)
  const messages: JsMsg[] = []
  for await (const message of await reader.consumer.fetch({ max_messages: wanted, expires: patienceMs })) {
    reader.delivered += 1
    if (message.info.deliverySequence !== reader.delivered) throw new Error('Some messages never arrived')
    reader.pending = message.info.pending
    messages.push(message)
  }
  if (messages.length < wanted) throw new Error('Some messages did not arrive in time')
  return messages
}

function readPage(messages: JsMsg[], toSeq: number): Pick<StreamPage, 'found' | 'unreadable'> {
  const inRange = messages.filter(({ seq }) => seq <= toSeq)
  const found = inRange.flatMap((message): Found[] => {
    const event: AnyEvent | { problem: unknown } = readEvent(message.data)
    return 'problem' in event
      ? []
      : [{ seq: message.seq, at: new Date(message.info.timestampNanos / 1e6), event }]
  })
  return { found, unreadable: inRange.length - found.length }
}
