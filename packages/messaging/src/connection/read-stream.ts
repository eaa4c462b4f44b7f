import { setTimeout as delay } from 'node:timers/promises'
import { type AnyEvent, readEvent, type StreamName } from '@spawnpoint/contracts'
import type { Logger } from '@spawnpoint/service-kit'
import type { JetStreamManager, StoredMsg } from 'nats'
import type { Nats } from './connect.ts'
import { isMissing, streamManager } from './streams.ts'

/** One event where it was found: its sequence in the stream (or outbox), and since when it is there. */
export type Found = { seq: number; at: Date; event: AnyEvent }

export type StreamRange = {
  stream: StreamName
  /** One type only. */
  subject?: string | undefined
  fromSeq: number
  /** Not before this moment either. */
  since?: string | undefined
  toSeq: number
}

/** Messages in stream order; `nextSeq` is where reading goes on, `total` how many there were to read when it began. */
export type StreamPage = { found: Found[]; unreadable: number; nextSeq: number; total: number }

const pageSize = 512
const lookupsAtOnce = 64

/**
 * Reads a part of a stream once, beside its durables. Message by message: a consumer for it would need the right to make
 * consumers, with which a service could have the server publish to anybody.
 */
export async function* readStream(
  { nats, log }: { nats: Nats; log: Logger },
  range: StreamRange,
): AsyncGenerator<StreamPage> {
  const manager = await streamManager(nats)
  const again = <T>(work: () => Promise<T>) => persist(work, { log, stream: range.stream })
  const { first, last } = await again(() => boundsOf(manager, range))
  const total = Math.max(0, last - first + 1)
  const fetch = (from: number) => again(() => readPage(manager, range, { from, last }))
  let next = fetch(first)
  for (;;) {
    const page = await next
    if (!page) return
    next = fetch(page.nextSeq)
    // Handled where the page is awaited.
    next.catch(() => {})
    yield { ...page, total }
  }
}

async function boundsOf(manager: JetStreamManager, { stream, fromSeq, since, toSeq }: StreamRange) {
  const { first_seq, last_seq } = (await manager.streams.info(stream)).state
  const last = Math.min(toSeq, last_seq)
  let first = Math.max(fromSeq, first_seq, 1)
  if (since === undefined) return { first, last }
  const begin = new Date(since)
  for (let after = last + 1; first < after; ) {
    const middle = Math.floor((first + after) / 2)
    const message = await messageFrom(manager, stream, middle)
    if (message && message.time < begin) first = message.seq + 1
    else after = middle
  }
  return { first, last }
}

async function readPage(
  manager: JetStreamManager,
  { stream, subject }: StreamRange,
  { from, last }: { from: number; last: number },
): Promise<Omit<StreamPage, 'total'> | undefined> {
  // What was purged or deleted may be millions of sequences.
  const first = from > last ? undefined : await messageFrom(manager, stream, from)
  if (!first || first.seq > last) return undefined
  const end = Math.min(first.seq + pageSize - 1, last)
  const rest = await storedBetween(manager, stream, { from: first.seq + 1, to: end })
  const asked = [first, ...rest].filter((message) => subject === undefined || message.subject === subject)
  const found = asked.flatMap((message): Found[] => {
    const event: AnyEvent | { problem: unknown } = readEvent(message.data, message.subject)
    return 'problem' in event ? [] : [{ seq: message.seq, at: message.time, event }]
  })
  return { found, unreadable: asked.length - found.length, nextSeq: end + 1 }
}

async function storedBetween(
  manager: JetStreamManager,
  stream: StreamName,
  { from, to }: { from: number; to: number },
): Promise<StoredMsg[]> {
  const stored: (StoredMsg | undefined)[] = Array.from({ length: Math.max(0, to - from + 1) })
  const indexes = stored.keys()
  const worker = async () => {
    for (const index of indexes) stored[index] = await get(manager, stream, { seq: from + index })
  }
  await Promise.all(Array.from({ length: lookupsAtOnce }, worker))
  return stored.filter((message) => message !== undefined)
}

/** The first message at or after this sequence. */
function messageFrom(manager: JetStreamManager, stream: StreamName, seq: number) {
  const query = { seq, next_by_subj: '>' }
  return get(manager, stream, query)
}

async function get(
  manager: JetStreamManager,
  stream: StreamName,
  query: { seq: number },
): Promise<StoredMsg | undefined> {
  try {
    return await manager.streams.getMessage(stream, query)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Answers are lost with a connection, and come again with the next one. */
async function persist<T>(work: () => Promise<T>, { log, stream }: { log: Logger; stream: string }) {
  for (let misses = 1; ; misses += 1) {
    try {
      return await work()
    } catch (error) {
      if (isMissing(error) || misses > 5) throw new Error(`Reading ${stream}`, { cause: error })
      log.warn({ err: error, stream }, 'Reading a stream was interrupted')
      await delay(250)
    }
  }
}
