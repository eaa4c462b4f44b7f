import type { StreamName } from '@spawnpoint/contracts'
import { join, sql, type Transaction } from '@spawnpoint/database'
import { type Logger, step } from '@spawnpoint/service-kit'
import { headers, type JetStreamClient } from 'nats'
import type { Nats } from './connect.ts'
import { openLease } from './lease.ts'
import { type Loop, startLoop } from './loop.ts'
import { ensureStream, epochOf, streamManager } from './streams.ts'

type Row = { seq: bigint; event_id: string; subject: string; envelope: string; attempts: number }
type Published = { row: Row; streamSeq: number }
type Failed = { row: Row; error: unknown }

export type Relay = Loop & { tick(): Promise<number> }
export type RelayOptions = { prisma: Transaction; nats: Nats; stream: StreamName; log: Logger }

const batchSize = 256

/**
 * Publishes what is committed in the outbox. Rows are found by their flag, never by a cursor, which would lose those that
 * commit late; no lock is held while publishing. Two relays at once only make duplicates, which every inbox drops.
 */
export function startRelay({ prisma, nats, stream, log }: RelayOptions): Relay {
  const lease = openLease(prisma, 'relay')

  async function tick(): Promise<number> {
    if (!nats.isConnected() || !(await lease.hold())) return 0
    const rows = await dueRows(prisma)
    if (rows.length === 0) return 0
    step('relay.before-publish')
    const connection = await nats.connection()
    const epoch = epochOf(await ensureStream(nats, stream))
    const { published, failed } = await publishAll({
      rows,
      client: connection.jetstream({ timeout: 5_000 }),
      nats,
      stream,
    })
    step('relay.after-publish')
    await markPublished(prisma, published, epoch)
    await backOff(prisma, failed)
    step('relay.after-mark')
    for (const { row, error } of failed) log.warn({ err: error, eventId: row.event_id }, 'Publishing failed')
    return published.length
  }

  const loop = startLoop({
    tick,
    idleMs: 400,
    onError: (error) => log.warn({ err: error }, 'Relay tick failed'),
  })
  nats.onConnected(loop.wake)
  return {
    tick,
    wake: loop.wake,
    stop: async () => {
      await loop.stop()
      await tick().catch(() => 0)
      await lease.release().catch(() => {})
    },
  }
}

function dueRows(db: Transaction): PromiseLike<Row[]> {
  return db.$queryRaw<Row[]>(sql`SELECT seq, event_id, subject, envelope, attempts FROM outbox
    WHERE published_at IS NULL AND next_attempt_at <= UTC_TIMESTAMP(3) ORDER BY seq LIMIT ${batchSize}`)
}

async function publishAll({
  rows,
  ...to
}: {
  rows: Row[]
  client: JetStreamClient
  nats: Nats
  stream: StreamName
}) {
  const published: Published[] = []
  const failed: Failed[] = []
  await Promise.all(
    rows.map(async (row) => {
      try {
        published.push({ row, streamSeq: await publish({ row, ...to }) })
      } catch (error) {
        failed.push({ row, error })
      }
    }),
  )
  return { published, failed }
}

async function publish({
  row,
  client,
  nats,
  stream,
}: {
  row: Row
  client: JetStreamClient
  nats: Nats
  stream: StreamName
}) {
  const head = headers()
  head.set('Content-Type', 'application/cloudevents+json')
  const ack = await client.publish(row.subject, row.envelope, { msgID: row.event_id, headers: head })
  // A server can answer `duplicate` for a message that it never stored.
  if (ack.duplicate) {
    const stored = await (await streamManager(nats)).streams.getMessage(stream, { seq: ack.seq })
    if (stored.header.get('Nats-Msg-Id') !== row.event_id)
      throw new Error(`${stream} calls ${row.event_id} a duplicate but holds another message at ${ack.seq}`)
  }
  return ack.seq
}

async function markPublished(db: Transaction, published: Published[], epoch: string): Promise<void> {
  if (published.length === 0) return
  const sequences = published.map(({ row, streamSeq }) => sql`WHEN ${row.seq} THEN ${streamSeq}`)
  await db.$executeRaw(sql`UPDATE outbox SET published_at = UTC_TIMESTAMP(3), stream_epoch = ${epoch},
    stream_seq = CASE seq ${join(sequences, ' ')} END
    WHERE seq IN (${join(published.map(({ row }) => row.seq))}) AND published_at IS NULL`)
}

// Each failing row waits by itself, so that none of them blocks the head.
async function backOff(db: Transaction, failed: Failed[]): Promise<void> {
  for (const { row, error } of failed) {
    const pauseMs = Math.min(30_000, 250 * 2 ** Math.min(row.attempts, 10)) * (0.75 + Math.random() / 2)
    await db.$executeRaw(sql`UPDATE outbox SET attempts = attempts + 1, last_error = ${String(error).slice(0, 1000)},
      next_attempt_at = UTC_TIMESTAMP(3) + INTERVAL ${Math.round(pauseMs * 1000)} MICROSECOND
      WHERE seq = ${row.seq} AND published_at IS NULL`)
  }
}
