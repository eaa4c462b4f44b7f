import type { StreamName } from '@spawnpoint/contracts'
import { empty, join, type Sql, sql, type Transaction } from '@spawnpoint/database'
import type { StreamInfo } from 'nats'
import type { Nats } from '../connection/connect.ts'
import { capacityOf } from '../connection/stream-limits.ts'
import {
  ensureStream,
  epochOf,
  maxAgeMs,
  maxAgeOf,
  type StreamLimits,
  streamManager,
} from '../connection/streams.ts'
import { type Progress, readProgress, rememberedProgress, rememberProgress } from './stream-progress.ts'

type Options = {
  prisma: Transaction
  nats: Nats
  stream: StreamName
  limits?: StreamLimits | undefined
  consumers: readonly string[]
}
type Row = { seq: bigint; stream_seq: bigint | number }
type Snapshot = { info: StreamInfo; epoch: string; acked: number | undefined; room: number }

const pageSize = 1_000
// The stream counts a message's age from before its row is marked as published.
const ageMarginMs = 60_000

/**
 * Finds events (by outbox seq) that were removed from the stream before their time: purged, deleted, or pushed out by a limit
 * set by hand. One that is below the stream's first sequence, is younger than the stream keeps it, and was not acknowledged by
 * every consumer is lost. A purge moves the consumers' own ack floors past what it removes (nats-server 2.9 to 2.14), so the
 * floors as they were at the previous check are what counts.
 */
export function openRemovedFinder(options: Options): { find(): AsyncGenerator<bigint[]> } {
  const { prisma, nats, stream, limits, consumers } = options
  let holesSeen = ''

  async function* find(): AsyncGenerator<bigint[]> {
    // Read before the stream's state: a purge in between must not count as acknowledged.
    const progress = await readProgress(nats, stream, consumers)
    const info = await ensureStream(nats, stream, limits)
    const { first_seq, last_seq, num_deleted = 0 } = info.state
    const epoch = epochOf(info)
    const known = await rememberedProgress(prisma, stream, epoch)
    // A stream that lost its end fills the same sequences with other events.
    const acked = known === undefined ? undefined : Math.min(known, last_seq)
    const snapshot: Snapshot = { info, epoch, acked, room: roomFor(info, progress) }

    const below = yield* removedBelow(prisma, snapshot)
    if (!below.isAll) {
      await rememberProgress(prisma, { stream, epoch, acked: below.upTo })
      return
    }
    const holes = `${epoch} ${first_seq} ${num_deleted}`
    if (num_deleted > 0 && holes !== holesSeen) {
      if (!(yield* removedBetween(options, snapshot))) return
      holesSeen = holes
    }
    const next = Math.min(Math.max(acked ?? 0, progress?.acked ?? 0), last_seq)
    if (known === undefined || next !== known) await rememberProgress(prisma, { stream, epoch, acked: next })
  }
  return { find }
}

/** How many may be republished now: a stream limited by hand must not push them out once more, unread. */
function roomFor(info: StreamInfo, progress: Progress): number {
  const capacity = capacityOf(info)
  if (capacity === null) return Number.POSITIVE_INFINITY
  return Math.max(0, Math.ceil(capacity / 2) - (progress?.unread ?? info.state.messages))
}

async function* removedBelow(
  db: Transaction,
  snapshot: Snapshot,
): AsyncGenerator<bigint[], { isAll: boolean; upTo: number }> {
  const before = snapshot.info.state.first_seq
  let upTo = snapshot.acked ?? 0
  while (upTo < before - 1) {
    const limit = Math.min(pageSize, snapshot.room + 1)
    const where = sql`stream_seq > ${upTo} AND stream_seq < ${before}`
    const found = await unexpired(db, snapshot, where, limit)
    const rows = found.slice(0, snapshot.room)
    if (rows.length > 0) {
      yield rows.map(({ seq }) => seq)
      snapshot.room -= rows.length
      upTo = Number(rows.at(-1)?.stream_seq)
    }
    if (rows.length < found.length) return { isAll: false, upTo }
    if (found.length < limit) break
  }
  return { isAll: true, upTo }
}

/** Single messages that were deleted from the middle; false when there was no room for all of them. */
async function* removedBetween(
  { prisma, nats, stream }: Options,
  snapshot: Snapshot,
): AsyncGenerator<bigint[], boolean> {
  const { streams } = await streamManager(nats)
  const { state } = await streams.info(stream, { deleted_details: true })
  const isLimited = Number.isFinite(snapshot.room)
  const holes = (state.deleted ?? []).filter((seq) => !isLimited || seq > (snapshot.acked ?? 0))
  for (let from = 0; from < holes.length; from += pageSize) {
    const where = sql`stream_seq IN (${join(holes.slice(from, from + pageSize))})`
    const rows = await unexpired(prisma, snapshot, where, pageSize)
    const fitting = rows.slice(0, snapshot.room)
    snapshot.room -= fitting.length
    if (fitting.length > 0) yield fitting.map(({ seq }) => seq)
    if (fitting.length < rows.length) return false
  }
  return true
}

/**
 * Published rows that the stream should still have: as long as it keeps them or, where it is known who has read them, as long
 * as a stream keeps them that nobody limited.
 */
function unexpired(
  db: Transaction,
  { info, epoch, acked }: Snapshot,
  where: Sql,
  limit: number,
): PromiseLike<Row[]> {
  const keepMs = maxAgeOf(info)
  const ago = (ms: number) => sql`UTC_TIMESTAMP(3) - INTERVAL ${Math.floor(ms / 1_000)} SECOND`
  const margin = Math.min(ageMarginMs, keepMs / 10)
  const extended = acked === undefined ? empty : sql`OR created_at > ${ago(maxAgeMs - ageMarginMs)}`
  const young = keepMs === 0 ? empty : sql`AND (published_at > ${ago(keepMs - margin)} ${extended})`
  return db.$queryRaw<Row[]>(sql`SELECT seq, stream_seq FROM outbox
    WHERE stream_epoch = ${epoch} AND ${where} AND published_at IS NOT NULL ${young}
    ORDER BY stream_epoch, stream_seq LIMIT ${limit}`)
}
