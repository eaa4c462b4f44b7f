import { type Lease, type Loop, openLease, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import { type BackfillReport, repairedIn } from '../rules/backfill-report.ts'
import { beginBackfill, dueBackfill, endBackfill } from '../store/backfill-runs.ts'
import { createRateLimiter } from '../stripe/rate-limiter.ts'
import { type BackfillContext, backfillEvents } from './backfill-events.ts'
import { backfillObjects } from './backfill-objects.ts'

type Options = Omit<BackfillContext, 'next'> & { intervalMs: number | null; timeScale: number; log: Logger }

/** Once per interval and on request, by whichever replica takes the lease first. */
export function startBackfill(options: Options): Loop {
  const { prisma, intervalMs, timeScale, log } = options
  const leaseMs = Math.max(10_000, 60_000 * timeScale)
  const lease = openLease(prisma, 'catch-up', { leaseMs })
  let stopping = false
  const loop = startLoop({
    tick: async () => {
      if (!(await dueBackfill(prisma, intervalMs)) || !(await lease.hold())) return 0
      try {
        // Another replica may have just done it.
        const due = await dueBackfill(prisma, intervalMs)
        if (due)
          await runBackfill(options, { lease, isRequested: due.isRequested, isStopping: () => stopping })
      } finally {
        await lease.release()
      }
      return 0
    },
    idleMs: Math.min(Math.max(200, (intervalMs ?? 5_000) / 10), 5_000),
    onError: (err) => log.warn({ err }, 'Backfill failed; retrying'),
  })
  return {
    wake: loop.wake,
    stop: async () => {
      stopping = true
      await loop.stop()
    },
  }
}

async function runBackfill(
  { log, ...options }: Options,
  { lease, isRequested, isStopping }: { lease: Lease; isRequested: boolean; isStopping: () => boolean },
): Promise<void> {
  const { prisma, timeScale } = options
  const rateLimiter = createRateLimiter({ perSecond: 10 / timeScale })
  const context: BackfillContext = {
    ...options,
    next: async () => {
      if (isStopping()) throw new Error('The gateway was stopped; the backfill continues when it runs again')
      // Another replica may have taken over after a long pause.
      if (!(await lease.hold())) throw new Error('Another replica runs the backfill')
      await rateLimiter.take()
    },
  }
  const report: BackfillReport = {}
  await beginBackfill(prisma)
  try {
    report.events = await backfillEvents(context)
    Object.assign(report, await backfillObjects(context, { allSubscriptions: isRequested }))
    await endBackfill(prisma, { report, error: null })
  } catch (error) {
    await endBackfill(prisma, { report, error: error instanceof Error ? error.message : String(error) })
    throw error
  }
  const repaired = repairedIn(report)
  if (repaired > 0) log.warn({ report }, `Backfill from Stripe: ${repaired} were missing or outdated here`)
}
