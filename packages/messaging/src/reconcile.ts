import { setTimeout as delay } from 'node:timers/promises'
import { join, sql, type Transaction } from '@spawnpoint/database'
import { openLease } from './lease.ts'
import { type Loop, startLoop } from './loop.ts'
import { findLosses } from './losses.ts'
import type { RelayOptions } from './relay.ts'

export type Reconciler = Loop & { tick(): Promise<number> }

// So many at a time wait for the relay, which takes the oldest first: new events must not stand behind a whole stream.
const chunkSize = 500

/** Holds the stream against the outbox, which is the truth: what a stream made anew, or cut short, no longer has is published again. */
export function startReconciler({
  wakeRelay,
  ...options
}: RelayOptions & { wakeRelay: () => void }): Reconciler {
  const { prisma, nats, stream, timeScale = 1, log } = options
  const lease = openLease(prisma, 'reconcile', { timeScale })
  const stopping = new AbortController()

  async function tick(): Promise<number> {
    if (!nats.isConnected() || !(await lease.hold())) return 0
    let again = 0
    for await (const lost of findLosses({ prisma, nats, stream, settledMs: 60_000 * timeScale }))
      for (let from = 0; from < lost.length; from += chunkSize) {
        if (!(await hasRoom(prisma, stopping.signal))) return again
        again += await publishAgain(prisma, lost.slice(from, from + chunkSize))
        wakeRelay()
      }
    if (again > 0) log.warn({ stream, events: again }, 'The stream had lost events; they are published again')
    return again
  }

  const loop = startLoop({
    tick: async () => {
      await tick()
      return 0
    },
    idleMs: Math.max(5_000, 60_000 * timeScale),
    onError: (error) => log.warn({ err: error }, 'Reconciling failed'),
  })
  nats.onConnected(loop.wake)
  return {
    tick,
    wake: loop.wake,
    stop: async () => {
      stopping.abort()
      await loop.stop()
      await lease.release().catch(() => {})
    },
  }
}

/** Waits until the relay has less than a chunk before it; false when stopped meanwhile. */
async function hasRoom(db: Transaction, stopping: AbortSignal): Promise<boolean> {
  while (!stopping.aborted) {
    const waiting = await db.$queryRaw<unknown[]>(
      sql`SELECT seq FROM outbox WHERE published_at IS NULL LIMIT ${chunkSize}`,
    )
    if (waiting.length < chunkSize) return true
    await delay(100, undefined, { signal: stopping }).catch(() => {})
  }
  return false
}

function publishAgain(db: Transaction, lost: bigint[]): PromiseLike<number> {
  return db.$executeRaw(sql`UPDATE outbox SET published_at = NULL, next_attempt_at = UTC_TIMESTAMP(3)
    WHERE seq IN (${join(lost)}) AND published_at IS NOT NULL`)
}
