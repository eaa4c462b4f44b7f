import type { StreamName } from '@spawnpoint/contracts'
import { sql, type Transaction } from '@spawnpoint/database'
import type { Logger } from '@spawnpoint/service-kit'
import type { Nats } from './connect.ts'
import { type Loop, startLoop } from './loop.ts'
import { ensureStream, epochOf, maxAgeMs } from './streams.ts'

type Options = { prisma: Transaction; nats: Nats; stream: StreamName; wakeRelay: () => void; log: Logger }

/** Holds the stream against the outbox, which is the truth: what a stream made anew, or cut short, no longer has is published again. */
export function startReconciler({ prisma, nats, stream, wakeRelay, log }: Options): Loop {
  async function tick(): Promise<number> {
    if (!nats.isConnected()) return 0
    // Read before the stream's state: what is published meanwhile must not look lost.
    const [newest] = await prisma.$queryRaw<{ seq: bigint | null }[]>(
      sql`SELECT MAX(stream_seq) AS seq FROM outbox WHERE published_at IS NOT NULL`,
    )
    if (newest?.seq == null) return 0
    const info = await ensureStream(nats, stream)
    const again =
      (await republish(prisma, sql`stream_epoch <> ${epochOf(info)}`)) +
      (await republish(prisma, sql`stream_seq > ${info.state.last_seq} AND stream_seq <= ${newest.seq}`))
    if (again > 0) {
      log.warn({ stream, events: again }, 'The stream had lost events; they are published again')
      wakeRelay()
    }
    return 0
  }
  const loop = startLoop({
    tick,
    idleMs: 60_000,
    onError: (error) => log.warn({ err: error }, 'Reconciling failed'),
  })
  nats.onConnected(loop.wake)
  return loop
}

function republish(db: Transaction, lost: ReturnType<typeof sql>): PromiseLike<number> {
  return db.$executeRaw(sql`UPDATE outbox SET published_at = NULL, next_attempt_at = UTC_TIMESTAMP(3)
    WHERE published_at IS NOT NULL AND created_at > UTC_TIMESTAMP(3) - INTERVAL ${maxAgeMs / 1000} SECOND AND ${lost}`)
}
