import { readEvent, type StreamName } from '@spawnpoint/contracts'
import { empty, join, sql, type Transaction } from '@spawnpoint/database'
import type { StreamInfo } from 'nats'
import type { Nats } from '../connection/connect.ts'
import { ensureStream, epochOf, maxAgeMs, storedMessage } from '../connection/streams.ts'
import { eventIdOf } from '../outbox/publish.ts'
import type { Finding } from './replay-decide.ts'
import { type Found, isAsked, orderIdOf, type ReplayRequest } from './replay-request.ts'

export type Said = Found & { streamSeq: number; epoch: string }
export type OutboxPage = { found: Said[]; unreadable: number; nextSeq: number; total: number }

type Row = { seq: bigint; envelope: string; created_at: Date; stream_seq: bigint; stream_epoch: string }

const pageSize = 256

/** What this service has said and published, in the order of its outbox. */
export async function* readOutbox(
  db: Transaction,
  { request, fromSeq, toSeq }: { request: ReplayRequest; fromSeq: number; toSeq: number },
): AsyncGenerator<OutboxPage> {
  const asked = sql`published_at IS NOT NULL AND seq <= ${toSeq}
    ${request.type ? sql`AND subject = ${request.type}` : empty}
    ${request.from_seq ? sql`AND stream_seq >= ${request.from_seq}` : empty}
    ${request.to_seq ? sql`AND stream_seq <= ${request.to_seq}` : empty}`
  const [count] = await db.$queryRaw<{ n: bigint }[]>(
    sql`SELECT COUNT(*) AS n FROM outbox WHERE ${asked} AND seq >= ${fromSeq}`,
  )
  const total = Number(count?.n ?? 0)
  for (let nextSeq = fromSeq; ; ) {
    const rows = await db.$queryRaw<
      Row[]
    >(sql`SELECT seq, envelope, created_at, stream_seq, stream_epoch FROM outbox
      WHERE ${asked} AND seq >= ${nextSeq} ORDER BY seq LIMIT ${pageSize}`)
    const last = rows.at(-1)
    if (!last) return
    nextSeq = Number(last.seq) + 1
    const said = rows.flatMap(readRow)
    yield { found: said, unreadable: rows.length - said.length, nextSeq, total }
  }
}

/** Which of them the stream no longer has; those are published again unless it is a dry run. */
export async function republish(
  { prisma, nats, wake }: { prisma: Transaction; nats: Nats; wake: () => void },
  request: ReplayRequest,
  list: Said[],
): Promise<Finding[]> {
  const asked = list.filter((said) => isAsked(request, said))
  const info = await ensureStream(nats, request.stream)
  const findings = await Promise.all(asked.map((said) => lookUp(nats, request.stream, info, said)))
  const lost = findings.filter(({ outcome }) => outcome === 'published')
  if (request.dry_run || lost.length === 0) return findings
  await prisma.$executeRaw(
    sql`UPDATE outbox SET published_at = NULL, next_attempt_at = UTC_TIMESTAMP(3)
        WHERE seq IN (${join(lost.map(({ seq }) => seq))}) AND published_at IS NOT NULL`,
  )
  wake()
  return findings
}

async function lookUp(nats: Nats, stream: StreamName, info: StreamInfo, said: Said): Promise<Finding> {
  const { seq, event, streamSeq } = said
  const found = { seq, event_id: event.id, type: event.type, order_id: orderIdOf(event), effect: null }
  // Whoever hears it then no longer remembers having heard it.
  if (Date.now() - Date.parse(event.time) > maxAgeMs)
    return { ...found, outcome: 'refused', reason: 'older than the inboxes of those who hear it remember' }
  return (await isInStream(nats, stream, info, said))
    ? { ...found, outcome: 'skipped', reason: `still in the stream at ${streamSeq}` }
    : { ...found, outcome: 'published', reason: `the stream has lost it (it was at ${streamSeq})` }
}

async function isInStream(
  nats: Nats,
  stream: StreamName,
  info: StreamInfo,
  { event, streamSeq, epoch }: Said,
): Promise<boolean> {
  if (epoch !== epochOf(info) || streamSeq > info.state.last_seq || streamSeq < info.state.first_seq)
    return false
  return eventIdOf((await storedMessage(nats, stream, streamSeq))?.header) === event.id
}

function readRow({ seq, envelope, created_at, stream_seq, stream_epoch }: Row): Said[] {
  const event = readEvent(envelope)
  if ('problem' in event) return []
  return [{ seq: Number(seq), at: created_at, event, streamSeq: Number(stream_seq), epoch: stream_epoch }]
}
