import type { StreamName } from '@spawnpoint/contracts'
import { sql, type Transaction } from '@spawnpoint/database'
import type { Nats } from '../connection/connect.ts'
import { isMissing, streamManager } from '../connection/streams.ts'

/** `acked`: up to which sequence every consumer has acknowledged; `unread`: the most that any of them has before it. Null: one is missing. */
export type Progress = { acked: number; unread: number } | null

/** How far the consumers of a stream are, according to the server, which moves them past whatever is purged. */
export async function readProgress(
  nats: Nats,
  stream: StreamName,
  consumers: readonly string[],
): Promise<Progress> {
  const manager = await streamManager(nats)
  try {
    const infos = await Promise.all(consumers.map((name) => manager.consumers.info(stream, name)))
    if (infos.length === 0) return null
    return {
      acked: Math.min(...infos.map(({ ack_floor }) => ack_floor.stream_seq)),
      unread: Math.max(...infos.map(({ num_pending, num_ack_pending }) => num_pending + num_ack_pending)),
    }
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** What was acknowledged by all at the last check, before anything was removed since; undefined: unknown. */
export async function rememberedProgress(
  db: Transaction,
  stream: StreamName,
  epoch: string,
): Promise<number | undefined> {
  const [row] = await db.$queryRaw<{ acked_seq: bigint | number }[]>(
    sql`SELECT acked_seq FROM stream_progress WHERE stream = ${stream} AND epoch = ${epoch}`,
  )
  return row && Number(row.acked_seq)
}

/** A consumer that is made anew begins at the start; what it acknowledged before stays acknowledged. */
export async function rememberProgress(
  db: Transaction,
  { stream, epoch, acked }: { stream: StreamName; epoch: string; acked: number },
): Promise<void> {
  await db.$executeRaw(sql`INSERT INTO stream_progress (stream, epoch, acked_seq) VALUES (${stream}, ${epoch}, ${acked})
    ON DUPLICATE KEY UPDATE acked_seq = IF(epoch = ${epoch}, GREATEST(acked_seq, ${acked}), ${acked}), epoch = ${epoch}`)
}
