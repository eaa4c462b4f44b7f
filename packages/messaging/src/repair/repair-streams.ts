import { setTimeout as delay } from 'node:timers/promises'
import { streamConsumers } from '@spawnpoint/contracts'
import { join, sql, type Transaction } from '@spawnpoint/database'
import { describeFinding, type Finding } from '@spawnpoint/service-kit'
import { describeLimits } from '../connection/stream-limits.ts'
import { defaultLimits, ensureStream, setLimits } from '../connection/streams.ts'
import { mendOf } from '../health/mend-of.ts'
import { openLease } from '../jobs/lease.ts'
import { type Loop, startLoop } from '../jobs/loop.ts'
import type { RelayOptions } from '../outbox/relay.ts'
import { findLosses } from './lost-events.ts'
import { openRemovedFinder } from './removed-events.ts'

export type StreamRepair = Loop & {
  /** Compares the whole: what was removed, the newest events and a sample. */
  tick(): Promise<number>
  /** Compares only the stream's own state; costs a few requests. */
  check(): Promise<number>
  /** Why the stream does not have the limits that are set; null when it has. */
  limitProblem(): Finding | null
}
type Options = RelayOptions & {
  wakeRelay: () => void
  /** The durables that have to read the stream; those of the contract. */
  consumers?: readonly string[]
}

// So many at a time wait for the relay, which takes the oldest first: new events must not wait behind a whole stream.
const chunkSize = 500

/** Compares the stream with the outbox, which is the truth: what a recreated or shortened stream no longer has is republished. */
export function startStreamRepair({ wakeRelay, ...options }: Options): StreamRepair {
  const { prisma, nats, stream, limits = defaultLimits, timeScale = 1, log } = options
  const lease = openLease(prisma, 'reconcile', { timeScale })
  const stopping = new AbortController()
  const removed = openRemovedFinder({ ...options, consumers: options.consumers ?? streamConsumers[stream] })
  const reportLimits = openLimitReport(options)
  const wholeEveryMs = Math.max(5_000, 60_000 * timeScale)
  let wholeAt = 0
  let limitProblem: Finding | null = null

  async function check(): Promise<number> {
    if (!nats.isConnected() || !(await lease.hold())) return 0
    await reportLimits()
    const republished = await publishFound(removed.find())
    if (republished > 0)
      log.warn(
        { stream, events: republished },
        'Events were removed from the stream before every consumer had read them; republishing them',
      )
    return republished
  }

  async function tick(): Promise<number> {
    const republished = await check()
    if (!nats.isConnected() || !(await lease.hold())) return republished
    const lost = await publishFound(
      findLosses({ prisma, nats, stream, limits, settledMs: 60_000 * timeScale }),
    )
    if (lost > 0) log.warn({ stream, events: lost }, 'The stream had lost events; republishing them')
    return republished + lost
  }

  async function publishFound(found: AsyncGenerator<bigint[]>): Promise<number> {
    let republished = 0
    for await (const lost of found)
      for (let from = 0; from < lost.length; from += chunkSize) {
        if (!(await hasRoom(prisma, stopping.signal))) return republished
        republished += await republish(prisma, lost.slice(from, from + chunkSize))
        wakeRelay()
      }
    return republished
  }

  // Once in a process: what is set by hand later stays until the next start, and is reported.
  let isLimited = false
  async function limitStream(): Promise<void> {
    if (isLimited || !nats.isConnected() || !(await lease.hold())) return
    try {
      if (await setLimits(nats, stream, limits)) log.info({ stream, ...limits }, 'The stream has new limits')
      isLimited = true
      limitProblem = null
    } catch (error) {
      limitProblem = {
        problem: `Stream ${stream} cannot have ${limits.replicas} replicas and ${limits.maxBytes} bytes (STREAM_REPLICAS, STREAM_MAX_BYTES): ${error}`,
        mend: mendOf(String(error), stream),
      }
      log.warn({ err: error, stream, ...limits }, 'The stream cannot have these limits; retrying')
    }
  }

  const loop = startLoop({
    tick: async () => {
      await limitStream()
      const isWhole = performance.now() >= wholeAt
      await (isWhole ? tick() : check())
      if (isWhole) wholeAt = performance.now() + wholeEveryMs
      return 0
    },
    idleMs: Math.max(2_000, 10_000 * timeScale),
    onError: (error) => log.warn({ err: error }, 'Stream repair failed'),
  })
  nats.onConnected(() => {
    wholeAt = 0
    loop.wake()
  })
  return {
    tick,
    check,
    limitProblem: () => limitProblem,
    wake: loop.wake,
    stop: async () => {
      stopping.abort()
      await loop.stop()
      await lease.release().catch(() => {})
    },
  }
}

/** Logs once, and again when they change, which limits somebody set on the stream. */
function openLimitReport({ nats, stream, limits, log }: RelayOptions): () => Promise<void> {
  let reported: string | null = null
  return async () => {
    const finding = describeLimits(await ensureStream(nats, stream, limits), limits)
    const trouble = finding && describeFinding(finding)
    if (trouble !== null && trouble !== reported) log.warn({ stream }, trouble)
    reported = trouble
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

function republish(db: Transaction, lost: bigint[]): PromiseLike<number> {
  return db.$executeRaw(sql`UPDATE outbox SET published_at = NULL, next_attempt_at = UTC_TIMESTAMP(3)
    WHERE seq IN (${join(lost)}) AND published_at IS NOT NULL`)
}
