import { type AnyEvent, readEvent, type StreamName } from '@spawnpoint/contracts'
import type { Logger } from '@spawnpoint/service-kit'
import { AckPolicy, type Consumer, DeliverPolicy, type JsMsg, nanos } from 'nats'
import type { Nats } from '../connection/connect.ts'
import { streamManager } from '../connection/streams.ts'
import type { Found } from './replay-request.ts'

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

const pageSize = 512
const patienceMs = 5_000

/**
 * Reads a part of a stream once, beside its durables, without acknowledging. When messages are missing (they were lost with a
 * connection) it is read again from where the last page ended.
 */
export async function* readStream(
  { nats, log }: { nats: Nats; log: Logger },
  range: StreamRange,
): AsyncGenerator<StreamPage> {
  let nextSeq = range.fromSeq
  let total: number | undefined
  for (let misses = 0; nextSeq <= range.toSeq; ) {
    try {
      const { since: _, ...rest } = range
      const reader = await open(nats, nextSeq > range.fromSeq ? { ...rest, fromSeq: nextSeq } : range)
      total ??= Math.min(reader.pending, range.toSeq)
      for await (const messages of pagesOf(reader, range.toSeq)) {
        misses = 0
        nextSeq = (messages.at(-1)?.seq ?? range.toSeq) + 1
        yield { ...readPage(messages, range.toSeq), nextSeq, total }
      }
      return
    } catch (error) {
      if (++misses > 5) throw new Error(`Reading ${range.stream} from ${nextSeq}`, { cause: error })
      log.warn({ err: error, stream: range.stream }, 'Reading a stream is interrupted')
    }
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

/**
 * Up to the last message there was, or the first that is past `toSeq`. The next page is on its way while one is worked on, and
 * no more than that: consume() would pull further ahead for as long as nobody takes what it has.
 */
async function* pagesOf(reader: Reader, toSeq: number): AsyncGenerator<JsMsg[]> {
  for (let next = fetchPage(reader); ; ) {
    const page = await next
    const last = page.at(-1)
    if (!last) return
    const isLast = reader.pending === 0 || last.seq >= toSeq
    if (!isLast) {
      next = fetchPage(reader)
      // Met where the page is waited for.
      next.catch(() => {})
    }
    yield page
    if (isLast) return
  }
}

async function fetchPage(reader: Reader): Promise<JsMsg[]> {
  const wanted = Math.min(pageSize, reader.pending)
  const messages: JsMsg[] = []
  if (wanted === 0) return messages
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
