import type { StreamName } from '@spawnpoint/contracts'
import { join, sql, type Transaction } from '@spawnpoint/database'
import { type Logger, step } from '@spawnpoint/service-kit'
import { callReplicas } from './call-replicas.ts'
import type { Nats } from './connect.ts'
import { openLease } from './lease.ts'
import { type Loop, startLoop } from './loop.ts'
import { type Outgoing, publish } from './publish.ts'
import { ensureStream, epochOf } from './streams.ts'

type Row = Outgoing & { seq: bigint; attempts: number }
type Published = { row: Row; streamSeq: number }
type Failed = { row: Row; error: unknown }

export type Relay = Loop & { tick(): Promise<number> }
export type RelayOptions = {
  /** How often the outbox is looked at when nothing woke the relay. */
  pollMs?: number
  prisma: Transaction
  nats: Nats
  stream: StreamName
  /** Shortens back-off, lease and the reconciler's period; 1. */
  timeScale?: number
  log: Logger
}

const batchSize = 256

/**
 * Publishes what is committed in the outbox. Rows are found by their flag, never by a cursor, which would lose those that
 * commit late; no lock is held while publishing. Two relays at once only make duplicates, which every inbox drops.
 */
export function startRelay(options: RelayOptions): Relay {
  const { prisma, nats, stream, timeScale = 1, pollMs = 400, log } = options
  const lease = openLease(prisma, 'relay', { timeScale })
  let active = false

  async function tick(): Promise<number> {
    if (!nats.isConnected()) return 0
    active = await lease.hold()
    if (!active) return 0
    const rows = await dueRows(prisma)
    if (rows.length === 0) return 0
    step('relay.before-publish')
    const connection = await nats.connection()
    const epoch = epochOf(await ensureStream(nats, stream))
    const client = connection.jetstream({ timeout: 5_000 })
    const { published, failed } = await publishAll(rows, (row) => publish(row, { client, nats, stream }))
    step('relay.after-publish')
    await markPublished(prisma, published, epoch)
    await backOff(prisma, failed, timeScale)
    step('relay.after-mark')
    for (const { row, error } of failed) log.warn({ err: error, eventId: row.event_id }, 'Publishing failed')
    return published.length
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
      await flush(tick).catch((error) =>
        log.warn({ err: error }, 'The rest of the outbox is left to the next start'),
      )
      await lease.release().catch(() => {})
    },
  }
}

async function flush(tick: () => Promise<number>): Promise<void> {
  while ((await tick()) > 0);
}

function dueRows(db: Transaction): PromiseLike<Row[]> {
  return db.$queryRaw<Row[]>(sql`SELECT seq, event_id, subject, envelope, attempts FROM outbox
    WHERE published_at IS NULL AND next_attempt_at <= UTC_TIMESTAMP(3) ORDER BY seq LIMIT ${batchSize}`)
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

async function markPublished(db: Transaction, published: Published[], epoch: string): Promise<void> {
  if (published.length === 0) return
  const sequences = published.map(({ row, streamSeq }) => sql`WHEN ${row.seq} THEN ${streamSeq}`)
  await db.$executeRaw(sql`UPDATE outbox SET published_at = UTC_TIMESTAMP(3), stream_epoch = ${epoch},
    stream_seq = CASE seq ${join(sequences, ' ')} END
    WHERE seq IN (${join(published.map(({ row }) => row.seq))}) AND published_at IS NULL`)
}

// Each failing row waits by itself, so that none of them blocks the head.
async function backOff(db: Transaction, failed: Failed[], timeScale: number): Promise<void> {
  for (const { row, error } of failed) {
    const pauseMs = Math.min(30_000, 250 * 2 ** Math.min(row.attempts, 10)) * (0.75 + Math.random() / 2)
    const pauseMicros = Math.round(Math.max(50, pauseMs * timeScale) * 1000)
    await db.$executeRaw(sql`UPDATE outbox SET attempts = attempts + 1, last_error = ${String(error).slice(0, 1000)},
      next_attempt_at = UTC_TIMESTAMP(3) + INTERVAL ${pauseMicros} MICROSECOND
      WHERE seq = ${row.seq} AND published_at IS NULL`)
  }
}
