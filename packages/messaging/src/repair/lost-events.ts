import type { StreamName } from '@spawnpoint/contracts'
import { join, type Sql, sql, type Transaction } from '@spawnpoint/database'
import type { Nats } from '../connection/connect.ts'
import { capacityOf } from '../connection/stream-limits.ts'
import { ensureStream, epochOf, maxAgeOf, type StreamLimits, storedMessage } from '../connection/streams.ts'
import { eventIdOf } from '../outbox/publish.ts'
import { rememberedProgress } from './stream-progress.ts'

type Options = {
  prisma: Transaction
  nats: Nats
  stream: StreamName
  limits?: StreamLimits | undefined
  /** Only what was acknowledged longer ago than this is checked: until then an answer may be older than the row. */
  settledMs: number
}
type Pair = { seq: bigint; event_id: string; stream_seq: bigint }

const pageSize = 1_000
const samples = 20
// The last one marked need not be the last one of its batch in the stream.
const publishedTogether = 512
const lookupsAtOnce = 16

/** The outbox rows (by seq) whose events the stream should hold and does not, in batches, oldest loss first where it can be told. */
export async function* findLosses(options: Options): AsyncGenerator<bigint[]> {
  const { prisma, nats, stream, limits, settledMs } = options
  // Read before the stream's state: what is published meanwhile must not count as lost.
  const settled = await newestSettled(prisma, settledMs)
  const info = await ensureStream(nats, stream, limits)
  const { first_seq: oldest, last_seq } = info.state
  const epoch = epochOf(info)
  yield* pages(prisma, sql`stream_epoch <> ${epoch} AND ${heldFor(maxAgeOf(info))}`)
  if (settled?.stream_epoch !== epoch) return
  const like = sql`stream_epoch = ${epoch} AND published_at <= ${settled.time}`
  yield* pages(prisma, sql`${like} AND stream_seq > ${last_seq}`)
  const newest = Math.min(Number(settled.stream_seq) + publishedTogether, last_seq)
  // The capacity of such a stream keeps changing: only what a consumer has still to read is compared with it.
  const acked = capacityOf(info) === null ? 0 : ((await rememberedProgress(prisma, stream, epoch)) ?? 0)
  yield* mismatches(options, like, { oldest: Math.max(oldest, acked + 1), newest })
}

type Settled = { time: string; stream_seq: bigint; stream_epoch: string }

// The time as text: a Date would be bent by whatever zone the driver takes it for.
async function newestSettled(db: Transaction, settledMs: number): Promise<Settled | undefined> {
  const [row] = await db.$queryRaw<Settled[]>(
    sql`SELECT CAST(published_at AS CHAR) AS time, stream_seq, stream_epoch FROM outbox
        WHERE published_at < UTC_TIMESTAMP(3) - INTERVAL ${settledMs * 1_000} MICROSECOND
        ORDER BY published_at DESC, seq DESC LIMIT 1`,
  )
  return row
}

function heldFor(maxAgeMs: number): Sql {
  return maxAgeMs === 0
    ? sql`published_at IS NOT NULL`
    : sql`published_at > UTC_TIMESTAMP(3) - INTERVAL ${maxAgeMs / 1_000} SECOND`
}

/** All rows like this, a page at a time, in the order in which the stream once had them. */
async function* pages(db: Transaction, like: Sql): AsyncGenerator<bigint[]> {
  for (;;) {
    const rows = await db.$queryRaw<{ seq: bigint }[]>(
      sql`SELECT seq FROM outbox WHERE ${like} ORDER BY stream_epoch, stream_seq LIMIT ${pageSize}`,
    )
    if (rows.length > 0) yield rows.map(({ seq }) => seq)
    if (rows.length < pageSize) return
  }
}

/**
 * A tail that was lost and overwritten by newer messages shows only in what is stored at each sequence. The newest page is
 * always checked and, where it has a loss, the ones before it; a loss in the sample has everything checked.
 */
async function* mismatches(
  options: Options,
  like: Sql,
  { oldest, newest }: { oldest: number; newest: number },
): AsyncGenerator<bigint[]> {
  // By their sequences and never by a LIMIT: from an epoch's first row on would be all of it, again and again.
  const pairsWhere = (where: Sql): PromiseLike<Pair[]> =>
    options.prisma.$queryRaw(sql`SELECT seq, event_id, stream_seq FROM outbox WHERE ${like} AND ${where}`)
  const sample = await pairsWhere(sql`stream_seq IN (${join(sampleOf(oldest, newest))})`)
  const checkAll = (await lostOf(options, sample)).length > 0
  for (let to = newest; to >= oldest; to -= pageSize) {
    const from = Math.max(oldest, to - pageSize + 1)
    const lost = await lostOf(options, await pairsWhere(sql`stream_seq BETWEEN ${from} AND ${to}`))
    if (lost.length > 0) yield lost
    else if (!checkAll) return
  }
}

function sampleOf(oldest: number, newest: number): number[] {
  return Array.from({ length: samples }, () => oldest + Math.floor(Math.random() * (newest - oldest + 1)))
}

async function lostOf({ nats, stream, limits }: Options, pairs: Pair[]): Promise<bigint[]> {
  const missing: Pair[] = []
  const waiting = pairs.values()
  const worker = async () => {
    for (const pair of waiting) {
      const stored = await storedMessage(nats, stream, Number(pair.stream_seq))
      if (eventIdOf(stored?.header) !== pair.event_id) missing.push(pair)
    }
  }
  await Promise.all(Array.from({ length: lookupsAtOnce }, worker))
  if (missing.length === 0) return []
  // What the stream has removed meanwhile is expired, not lost.
  const { first_seq } = (await ensureStream(nats, stream, limits)).state
  const lost = missing.filter(({ stream_seq }) => stream_seq >= first_seq)
  return lost.sort((a, b) => (a.seq < b.seq ? -1 : 1)).map(({ seq }) => seq)
}
