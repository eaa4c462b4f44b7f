import { setTimeout as delay } from 'node:timers/promises'
import { streamConsumers } from '@spawnpoint/contracts'
import { join, sql, type Transaction } from '@spawnpoint/database'
import { describeLimits } from '../connection/stream-limits.ts'
import { ensureStream } from '../connection/streams.ts'
import { openLease } from '../jobs/lease.ts'
import { type Loop, startLoop } from '../jobs/loop.ts'
import type { RelayOptions } from '../outbox/relay.ts'
import { findLosses } from './lost-events.ts'
import { openRemovedFinder } from './removed-events.ts'

export type Reconciler = Loop & {
  /** Compares the whole: what was removed, the newest events and a sample. */
  tick(): Promise<number>
  /** Compares only what the stream says of itself; costs a few requests. */
  look(): Promise<number>
}
type Options = RelayOptions & {
  wakeRelay: () => void
  /** The durables that have to read the stream; those of the contract. */
  consumers?: readonly string[]
}

// So many at a time wait for the relay, which takes the oldest first: new events must not stand behind a whole stream.
const chunkSize = 500

/** Holds the stream against the outbox, which is the truth: what a stream made anew, or cut short, no longer has is published again. */
export function startReconciler({ wakeRelay, ...options }: Options): Reconciler {
  const { prisma, nats, stream, timeScale = 1, log } = options
  const lease = openLease(prisma, 'reconcile', { timeScale })
  const stopping = new AbortController()
  const removed = openRemovedFinder({ ...options, consumers: options.consumers ?? streamConsumers[stream] })
  const reportLimits = openLimitReport(options)
  const wholeEveryMs = Math.max(5_000, 60_000 * timeScale)
  let wholeAt = 0

  async function look(): Promise<number> {
    if (!nats.isConnected() || !(await lease.hold())) return 0
    await reportLimits()
    const again = await publishFound(removed.find())
    if (again > 0)
      log.warn(
        { stream, events: again },
        'Events were removed from the stream before every consumer had read them; publishing them again',
      )
    return again
  }

  async function tick(): Promise<number> {
    const again = await look()
    if (!nats.isConnected() || !(await lease.hold())) return again
    const lost = await publishFound(findLosses({ prisma, nats, stream, settledMs: 60_000 * timeScale }))
    if (lost > 0) log.warn({ stream, events: lost }, 'The stream had lost events; they are published again')
    return again + lost
  }

  async function publishFound(found: AsyncGenerator<bigint[]>): Promise<number> {
    let again = 0
    for await (const lost of found)
      for (let from = 0; from < lost.length; from += chunkSize) {
        if (!(await hasRoom(prisma, stopping.signal))) return again
        again += await publishAgain(prisma, lost.slice(from, from + chunkSize))
        wakeRelay()
      }
    return again
  }

  const loop = startLoop({
    tick: async () => {
      const isWhole = performance.now() >= wholeAt
      await (isWhole ? tick() : look())
      if (isWhole) wholeAt = performance.now() + wholeEveryMs
      return 0
    },
    idleMs: Math.max(2_000, 10_000 * timeScale),
    onError: (error) => log.warn({ err: error }, 'Reconciling failed'),
  })
  nats.onConnected(() => {
    wholeAt = 0
    loop.wake()
  })
  return {
    tick,
    look,
    wake: loop.wake,
    stop: async () => {
      stopping.abort()
      await loop.stop()
      await lease.release().catch(() => {})
    },
  }
}

/** Says once, and once more when they change, which limits somebody set on the stream. */
function openLimitReport({ nats, stream, log }: RelayOptions): () => Promise<void> {
  let reported: string | null = null
  return async () => {
    const limits = describeLimits(await ensureStream(nats, stream))
    if (limits !== null && limits !== reported) log.warn({ stream }, limits)
    reported = limits
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
