import type { StreamName } from '@spawnpoint/contracts'
import { type Sql, sql, type Transaction } from '@spawnpoint/database'
import type { Nats } from './connect.ts'
import { eventIdOf } from './publish.ts'
import { ensureStream, epochOf, maxAgeOf, storedMessage } from './streams.ts'

type Options = {
  prisma: Transaction
  nats: Nats
  stream: StreamName
  /** Only what was acknowledged longer ago than this is looked for: until then an answer may be older than the row. */
  settledMs: number
}
type Pair = { seq: bigint; event_id: string; stream_seq: bigint }

const pageSize = 1_000
const samples = 20
const lookupsAtOnce = 16

/** The outbox rows (by seq) whose events the stream should hold and does not, in lists, oldest loss first where it can be told. */
export async function* findLosses(options: Options): AsyncGenerator<bigint[]> {
  const { prisma, nats, stream, settledMs } = options
  const settled = sql`published_at < UTC_TIMESTAMP(3) - INTERVAL ${settledMs * 1_000} MICROSECOND`
  // Read before the stream's state: what is published meanwhile must not look lost.
  const newestSeq = await newestStreamSeq(prisma, settled)
  const info = await ensureStream(nats, stream)
  const epoch = epochOf(info)
  const sameEpoch = sql`stream_epoch = ${epoch} AND ${settled}`
  yield* pages(prisma, sql`stream_epoch <> ${epoch} AND ${heldFor(maxAgeOf(info))}`)
  yield* pages(
    prisma,
    sql`${sameEpoch} AND stream_seq > ${info.state.last_seq} AND stream_seq <= ${newestSeq}`,
  )
  yield* mismatches(options, sameEpoch, info.state)
}

async function newestStreamSeq(db: Transaction, settled: Sql): Promise<bigint> {
  const [row] = await db.$queryRaw<{ seq: bigint | null }[]>(
    sql`SELECT MAX(stream_seq) AS seq FROM outbox WHERE ${settled}`,
  )
  return row?.seq ?? 0n
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
 * A tail that was lost and overwritten by newer messages shows only in what stands at each sequence. The newest page is always
 * looked at and, where it has a loss, the ones before it; a loss in the sample has everything looked at.
 */
async function* mismatches(
  options: Options,
  like: Sql,
  { first_seq, last_seq }: { first_seq: number; last_seq: number },
): AsyncGenerator<bigint[]> {
  const held = (fromSeq: number | bigint, toSeq: number | bigint) =>
    sql`${like} AND stream_seq BETWEEN ${fromSeq} AND ${toSeq}`
  const sample = await samplePairs(options.prisma, held, first_seq, last_seq)
  const lookAtAll = (await lostOf(options, sample)).length > 0
  for (let toSeq: number | bigint = last_seq; toSeq >= first_seq; ) {
    const pairs: Pair[] = await options.prisma.$queryRaw(
      sql`SELECT seq, event_id, stream_seq FROM outbox WHERE ${held(first_seq, toSeq)}
          ORDER BY stream_seq DESC LIMIT ${pageSize}`,
    )
    // Two rows may claim one sequence: the last one's is left, whole, to the next page.
    const nextSeq = pairs.length < pageSize ? undefined : pairs.at(-1)?.stream_seq
    const lost = await lostOf(
      options,
      pairs.filter(({ stream_seq }) => stream_seq !== nextSeq),
    )
    if (lost.length > 0) yield lost
    if (nextSeq === undefined || (lost.length === 0 && !lookAtAll)) return
    toSeq = nextSeq
  }
}

async function samplePairs(
  db: Transaction,
  held: (fromSeq: number, toSeq: number) => Sql,
  first: number,
  last: number,
): Promise<Pair[]> {
  const pairs: Pair[] = []
  if (last - first < pageSize) return pairs
  for (let n = 0; n < samples; n += 1) {
    const at = first + Math.floor(Math.random() * (last - first + 1))
    pairs.push(
      ...(await db.$queryRaw<Pair[]>(sql`SELECT seq, event_id, stream_seq FROM outbox WHERE ${held(at, last)}
        ORDER BY stream_seq LIMIT 1`)),
    )
  }
  return pairs
}

async function lostOf({ nats, stream }: Options, pairs: Pair[]): Promise<bigint[]> {
  const missing: Pair[] = []
  const waiting = pairs.values()
  const lane = async () => {
    for (const pair of waiting) {
      const stored = await storedMessage(nats, stream, Number(pair.stream_seq))
      if (eventIdOf(stored?.header) !== pair.event_id) missing.push(pair)
    }
  }
  await Promise.all(Array.from({ length: lookupsAtOnce }, lane))
  if (missing.length === 0) return []
  // What the stream has let go meanwhile is expired, not lost.
  const { first_seq } = (await ensureStream(nats, stream)).state
  const lost = missing.filter(({ stream_seq }) => stream_seq >= first_seq)
  return lost.sort((a, b) => (a.seq < b.seq ? -1 : 1)).map(({ seq }) => seq)
}
