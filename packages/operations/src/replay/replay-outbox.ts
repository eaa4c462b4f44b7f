import { readEvent, type StreamName } from '@spawnpoint/contracts'
import { join, sql, type Transaction } from '@spawnpoint/database'
import {
  ensureStream,
  epochOf,
  eventIdOf,
  type Found,
  maxAgeMs,
  type Nats,
  storedMessage,
} from '@spawnpoint/messaging'
import type { Outbox, OutboxWhere, Tables } from '../tables.ts'
import type { Finding } from './replay-decide.ts'
import { isAsked, orderIdOf, type ReplayRequest } from './replay-request.ts'

export type OutboxEvent = Found & { streamSeq: number; epoch: string }
export type OutboxPage = { found: OutboxEvent[]; unreadable: number; nextSeq: number; total: number }

type StreamInfo = Awaited<ReturnType<typeof ensureStream>>

const pageSize = 256

/** What this service has published, in the order of its outbox. */
export async function* readOutbox(
  db: Tables,
  { request, fromSeq, toSeq }: { request: ReplayRequest; fromSeq: number; toSeq: number },
): AsyncGenerator<OutboxPage> {
  const where = askedOf(request)
  const total = await db.outbox.count({ where: { ...where, seq: { gte: fromSeq, lte: toSeq } } })
  for (let nextSeq = fromSeq; ; ) {
    const rows = await db.outbox.findMany({
      where: { ...where, seq: { gte: nextSeq, lte: toSeq } },
      orderBy: { seq: 'asc' },
      take: pageSize,
    })
    const last = rows.at(-1)
    if (!last) return
    nextSeq = Number(last.seq) + 1
    const found = rows.flatMap(readRow)
    yield { found, unreadable: rows.length - found.length, nextSeq, total }
  }
}

function askedOf({ type, from_seq: gte, to_seq: lte }: ReplayRequest): OutboxWhere {
  const range = { ...(gte ? { gte } : {}), ...(lte ? { lte } : {}) }
  return {
    publishedAt: { not: null },
    ...(type ? { subject: type } : {}),
    ...(gte || lte ? { streamSeq: range } : {}),
  }
}

/** Which of them the stream no longer has; those are republished unless it is a dry run. */
export async function republish(
  { prisma, nats, wake }: { prisma: Transaction; nats: Nats; wake: () => void },
  request: ReplayRequest,
  batch: OutboxEvent[],
): Promise<Finding[]> {
  const asked = batch.filter((one) => isAsked(request, one))
  const info = await ensureStream(nats, request.stream)
  const findings = await Promise.all(asked.map((one) => findInStream(nats, request.stream, info, one)))
  const lost = findings.filter(({ outcome }) => outcome === 'published')
  if (request.dry_run || lost.length === 0) return findings
  await prisma.$executeRaw(
    sql`UPDATE outbox SET published_at = NULL, next_attempt_at = UTC_TIMESTAMP(3)
        WHERE seq IN (${join(lost.map(({ seq }) => seq))}) AND published_at IS NOT NULL`,
  )
  wake()
  return findings
}

async function findInStream(
  nats: Nats,
  stream: StreamName,
  info: StreamInfo,
  outgoing: OutboxEvent,
): Promise<Finding> {
  const { seq, event, streamSeq } = outgoing
  const found = { seq, event_id: event.id, type: event.type, order_id: orderIdOf(event), effect: null }
  // A consumer no longer remembers having decided it.
  if (Date.now() - Date.parse(event.time) > maxAgeMs)
    return { ...found, outcome: 'refused', reason: 'older than the inboxes of its consumers remember' }
  return (await isInStream(nats, stream, info, outgoing))
    ? { ...found, outcome: 'skipped', reason: `still in the stream at ${streamSeq}` }
    : { ...found, outcome: 'published', reason: `the stream has lost it (it was at ${streamSeq})` }
}

async function isInStream(
  nats: Nats,
  stream: StreamName,
  info: StreamInfo,
  { event, streamSeq, epoch }: OutboxEvent,
): Promise<boolean> {
  if (epoch !== epochOf(info) || streamSeq > info.state.last_seq || streamSeq < info.state.first_seq)
    return false
  return eventIdOf((await storedMessage(nats, stream, streamSeq))?.header) === event.id
}

function readRow({ seq, envelope, createdAt, streamSeq, streamEpoch }: Outbox): OutboxEvent[] {
  const event = readEvent(envelope)
  if ('problem' in event) return []
  return [{ seq: Number(seq), at: createdAt, event, streamSeq: Number(streamSeq), epoch: streamEpoch ?? '' }]
}
