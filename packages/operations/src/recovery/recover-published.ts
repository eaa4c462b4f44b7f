import { inTransaction, join, sql, type Transaction } from '@spawnpoint/database'
import { ensureStream, epochOf, type Found, maxAgeMs, readStream } from '@spawnpoint/messaging'
import type { Tables } from '../tables.ts'
import type { RecoverOptions } from './recover-options.ts'

/** The events that caused those this service published. */
export type Causes = ReadonlySet<string>

/** The service's own stream: restores its rows, and its events in the outbox as published, under the ids they have. */
export async function recoverPublished<Tx extends Tables>(
  options: RecoverOptions<Tx>,
  stillAlone: () => Promise<void>,
): Promise<{ read: number; restored: number; causes: Causes }> {
  const { nats, prisma, ownStream, log } = options
  const newest = await newestPublished(prisma)
  const info = await ensureStream(nats, ownStream)
  const causes = new Set<string>()
  let read = 0
  let restored = 0
  let reachesBack = newest === null
  const range = { stream: ownStream, fromSeq: info.state.first_seq, toSeq: info.state.last_seq }
  for await (const { found } of readStream({ nats, log }, range)) {
    await stillAlone()
    read += found.length
    for (const { event } of found) {
      if (event.causationid) causes.add(event.causationid)
      reachesBack ||= event.id === newest
    }
    restored += await restorePage(options, found, epochOf(info))
  }
  if (!reachesBack)
    throw new Error(
      `${ownStream} does not reach back to the backup: it has not the newest event that the backup knows as published (${newest}). What was published in between is not there to recover from; restore a newer backup, or the stream`,
    )
  return { read, restored, causes }
}

async function restorePage<Tx extends Tables>(
  { prisma, restore }: RecoverOptions<Tx>,
  found: Found[],
  epoch: string,
): Promise<number> {
  if (found.length === 0) return 0
  return await inTransaction(prisma, async (tx) => {
    const known = await publishedBefore(tx, found)
    await restore(
      tx,
      found.map(({ event }) => event),
    )
    await tx.$executeRaw(sql`INSERT INTO outbox
      (event_id, \`key\`, subject, envelope, created_at, next_attempt_at, published_at, stream_seq, stream_epoch, room)
      VALUES ${join(found.map((one) => outboxRow(one, epoch)))}
      ON DUPLICATE KEY UPDATE published_at = COALESCE(published_at, VALUES(published_at)),
        stream_seq = VALUES(stream_seq), stream_epoch = VALUES(stream_epoch), room = ''`)
    return found.filter(({ event }) => !known.has(event.id)).length
  })
}

function outboxRow({ seq, at, event }: Found, epoch: string) {
  const createdAt = new Date(event.time)
  return sql`(${event.id}, ${event.subject}, ${event.type}, ${JSON.stringify(event)}, ${createdAt}, ${createdAt}, ${at}, ${seq}, ${epoch}, '')`
}

async function publishedBefore(tx: Transaction, found: Found[]): Promise<Set<string>> {
  const ids = join(found.map(({ event }) => event.id))
  const rows = await tx.$queryRaw<{ event_id: string }[]>(
    sql`SELECT event_id FROM outbox WHERE event_id IN (${ids}) AND published_at IS NOT NULL`,
  )
  return new Set(rows.map(({ event_id }) => event_id))
}

// What is older than the stream keeps need not be in it.
async function newestPublished(db: Transaction): Promise<string | null> {
  const [row] = await db.$queryRaw<{ event_id: string }[]>(
    sql`SELECT event_id FROM outbox WHERE published_at > UTC_TIMESTAMP(3) - INTERVAL ${maxAgeMs / 1000} SECOND
        ORDER BY seq DESC LIMIT 1`,
  )
  return row?.event_id ?? null
}
