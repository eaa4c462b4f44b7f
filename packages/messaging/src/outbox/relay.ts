import type { StreamName } from '@spawnpoint/contracts'
import { empty, join, sql, type Transaction } from '@spawnpoint/database'
import { failpoint, type Logger } from '@spawnpoint/service-kit'
import { NatsError } from 'nats'
import type { Nats } from '../connection/connect.ts'
import { rememberEpoch, type StreamLimits } from '../connection/streams.ts'
import { markPublished } from '../inline-statements.ts'
import { openLease } from '../jobs/lease.ts'
import { type Loop, startLoop } from '../jobs/loop.ts'
import { callReplicas } from './call-replicas.ts'
import { type Acknowledge, type Outgoing, openAcknowledged, publish, Unacknowledged } from './publish.ts'

type Row = Outgoing & { seq: bigint }
type Published = { row: Row; streamSeq: number }
type Failed = { row: Row; error: unknown }

export type Relay = Loop & {
  /** Begins to publish a batch of due rows; 0 when nothing more is due. */
  tick(): Promise<number>
}
export type RelayOptions = {
  /** How often the outbox is polled when nothing woke the relay. */
  pollMs?: number
  prisma: Transaction
  nats: Nats
  stream: StreamName
  limits?: StreamLimits
  /** Shortens back-off, lease and the period of stream repair; 1. */
  timeScale?: number
  log: Logger
}

const batchSize = 256
const batchesAtOnce = 2

/**
 * Publishes what is committed in the outbox. Rows are found by their flag, never by a cursor, which would lose those that
 * commit late; no lock is held while publishing, and the next batch is read meanwhile. Two relays at once only make
 * duplicates, which every inbox drops.
 */
export function startRelay(options: RelayOptions): Relay {
  const { prisma, nats, stream, timeScale = 1, pollMs = 400, log } = options
  const lease = openLease(prisma, 'relay', { timeScale })
  const epoch = rememberEpoch(nats, stream, options.limits)
  const inFlight = new Set<bigint>()
  const batches = new Set<Promise<void>>()
  let acknowledged: Acknowledge | undefined
  let active = false

  async function tick(): Promise<number> {
    if (!nats.isConnected()) return 0
    active = await lease.hold()
    if (!active) return 0
    const rows = await dueRows(prisma, { atMost: batchSize, but: [...inFlight] })
    if (rows.length > 0) begin(rows)
    if (batches.size === batchesAtOnce) await Promise.race(batches)
    // One that is not full was all there is; whoever commits more wakes us.
    return rows.length < batchSize ? 0 : rows.length
  }

  function begin(rows: Row[]) {
    for (const { seq } of rows) inFlight.add(seq)
    const batch = send(rows).finally(() => {
      batches.delete(batch)
      for (const { seq } of rows) inFlight.delete(seq)
    })
    batches.add(batch)
  }

  async function send(rows: Row[]): Promise<void> {
    try {
      failpoint('relay.before-publish')
      acknowledged ??= await openAcknowledged(nats)
      const to = { acknowledged, nats, stream }
      const publishedIn = await epoch.read()
      const { published, failed } = await publishAll(rows, (row) => publish(row, to))
      failpoint('relay.after-publish')
      if (failed.length > 0) epoch.forget()
      if (published.length > 0) nats.reportJetStream('answers')
      else if (failed.some(({ error }) => error instanceof Unacknowledged)) nats.reportJetStream('silent')
      await mark(prisma, published, publishedIn)
      await backOff(prisma, failed, timeScale)
      failpoint('relay.after-mark')
      for (const { row, error } of failed)
        log.warn({ err: error, eventId: row.event_id }, 'Publishing failed')
    } catch (error) {
      if (error instanceof NatsError) nats.reportJetStream('silent')
      log.warn(
        { err: error, events: rows.length },
        'A batch was not published, or not marked; it is due again',
      )
    }
  }

  async function flush(): Promise<void> {
    while ((await tick()) > 0);
    await Promise.all(batches)
  }

  const loop = startLoop({
    tick,
    idleMs: pollMs,
    onError: (error) => log.warn({ err: error }, 'Relay tick failed'),
  })
  nats.onConnected(loop.wake)
  const replicas = callReplicas({ nats, subject: `relay.wake.${stream}`, onCall: loop.wake })
  return {
    tick,
    wake: () => {
      loop.wake()
      if (!active) replicas.call()
    },
    stop: async () => {
      replicas.stop()
      await loop.stop()
      await flush().catch((error) =>
        log.warn({ err: error }, 'The rest of the outbox is published at the next start'),
      )
      await lease.release().catch(() => {})
    },
  }
}

// `but` as it was at the call: what gets published meanwhile may still be read as due.
function dueRows(db: Transaction, { atMost, but }: { atMost: number; but: bigint[] }): PromiseLike<Row[]> {
  const others = but.length === 0 ? empty : sql`AND seq NOT IN (${join(but)})`
  return db.$queryRaw<Row[]>(sql`SELECT seq, event_id, subject, envelope FROM outbox
    WHERE published_at IS NULL AND next_attempt_at <= UTC_TIMESTAMP(3) ${others} ORDER BY seq LIMIT ${atMost}`)
}

async function publishAll(rows: Row[], publishOne: (row: Row) => Promise<number>) {
  const published: Published[] = []
  const failed: Failed[] = []
  await Promise.all(
    rows.map(async (row) => {
      try {
        published.push({ row, streamSeq: await publishOne(row) })
      } catch (error) {
        failed.push({ row, error })
      }
    }),
  )
  return { published, failed }
}

async function mark(db: Transaction, published: Published[], epoch: string): Promise<void> {
  if (published.length === 0) return
  const rows = published.map(({ row: { seq }, streamSeq }) => ({ seq, streamSeq }))
  await db.$executeRaw(markPublished(rows, epoch))
}

// Each failing row waits by itself, so that none of them blocks the head.
async function backOff(db: Transaction, failed: Failed[], timeScale: number): Promise<void> {
  for (const { row, error } of failed) {
    const scaled = 1_000 * timeScale * (0.75 + Math.random() / 2)
    // A stream whose leader is away has another one within seconds, for every event.
    const longest = error instanceof Unacknowledged ? 500 : 30_000
    // Left to right: the pause goes by the attempts before this one.
    await db.$executeRaw(sql`UPDATE outbox SET last_error = ${String(error).slice(0, 1000)},
      next_attempt_at = UTC_TIMESTAMP(3)
        + INTERVAL GREATEST(50000, ROUND(${scaled} * LEAST(${longest}, 250 * POW(2, LEAST(attempts, 10))))) MICROSECOND,
      attempts = attempts + 1
      WHERE seq = ${row.seq} AND published_at IS NULL`)
  }
}
