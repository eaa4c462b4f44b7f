import type { StreamName } from '@spawnpoint/contracts'
import { sql, type Transaction } from '@spawnpoint/database'
import {
  ensureStream,
  epochOf,
  eventIdOf,
  type Nats,
  storedMessage,
  streamManager,
} from '@spawnpoint/messaging'
import { isAmong } from './erase-rows.ts'

type Row = {
  seq: bigint
  event_id: string
  envelope: string
  stream_seq: bigint | null
  stream_epoch: string | null
}

/**
 * Takes out of the service's own stream what its outbox no longer says so: each message is overwritten where it is stored
 * (JetStream's secure delete) and published again as its row has it now, under its old id, which every inbox knows. Returns how
 * many were, and how many rows the relay has not published yet: these may be on their way as they were before.
 */
export async function eraseMessages(
  { prisma, nats, stream }: { prisma: Transaction; nats: Nats; stream: StreamName },
  keys: string[],
  { dryRun }: { dryRun: boolean },
): Promise<{ erased: number; unpublished: number }> {
  const rows = await prisma.$queryRaw<Row[]>(
    sql`SELECT seq, event_id, envelope, IF(published_at IS NULL, NULL, stream_seq) AS stream_seq, stream_epoch
        FROM outbox WHERE ${isAmong('`key`', keys)} ORDER BY seq`,
  )
  const epoch = epochOf(await ensureStream(nats, stream))
  const { streams } = await streamManager(nats)
  let erased = 0
  for (const row of rows) {
    if (row.stream_seq === null || row.stream_epoch !== epoch) continue
    const stored = await storedMessage(nats, stream, Number(row.stream_seq))
    if (!stored || eventIdOf(stored.header) !== row.event_id) continue
    if (Buffer.from(stored.data).toString() === row.envelope) continue
    erased += 1
    if (dryRun) continue
    await streams.deleteMessage(stream, Number(row.stream_seq), true)
    // Killed before this, the stream's repair does it.
    await prisma.$executeRaw(
      sql`UPDATE outbox SET published_at = NULL, next_attempt_at = UTC_TIMESTAMP(3) WHERE seq = ${row.seq}`,
    )
  }
  return { erased, unpublished: rows.filter(({ stream_seq }) => stream_seq === null).length }
}
