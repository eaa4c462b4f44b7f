import { type Loop, startLoop } from '@spawnpoint/messaging'
import { failpoint, type Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import type { Server } from '../rules/server.ts'
import { backOff, leaseDueServers, msToNextDue } from '../store/leases.ts'
import type { ReconcileServer } from './reconcile-server.ts'

const atOnce = 64
const idleMs = 500
const shortMs = 50
/** A create, and the user for it. */
const callsEach = 2
/** With fewer than these, what is paid comes first. */
const fewCalls = 16

/** `calls`: how many may be sent at once; `left`: how many before they run short; `inMs`: when the next one may be sent, null if that depends on those under way. */
export type Admitted = { calls: number; left: number; inMs: number | null; busyNodes: number[] }

/**
 * Leases due servers of a panel, as many as its calls admit now, and reconciles each: what has to wait stays in its turn, and may be taken by
 * another replica. When woken it leases at once, because something is due; on its own interval it checks first, which is one read while
 * nothing is due.
 */
export function startReconciling({
  prisma,
  panelId,
  reconcileServer,
  admitted,
  leaseMs,
  wakeRelay,
  log,
}: {
  prisma: PrismaClient
  panelId: string
  reconcileServer: ReconcileServer
  /** What the panel and its nodes admit now. */
  admitted: () => Promise<Admitted>
  leaseMs: number
  wakeRelay: () => void
  log: Logger
}): Loop {
  const running = new Set<Promise<void>>()
  let alarm: NodeJS.Timeout | undefined
  let isWoken = false

  async function tick(): Promise<number> {
    const { calls, left, inMs, busyNodes } = await admitted()
    const free = Math.min(atOnce - running.size, Math.ceil(calls / callsEach), mostToFinish(left))
    if (free === 0) {
      if (running.size < atOnce) wakeIn(inMs ?? shortMs)
      return 0
    }
    const takesAtOnce = isWoken
    isWoken = false
    if (!takesAtOnce && !(await isAnyDue())) return 0
    failpoint('reconcile.before-claim')
    const { now, servers } = await leaseDueServers(prisma, {
      panelId,
      atMost: free,
      busyNodes,
      runningFirst: calls < fewCalls,
      leaseMs,
    })
    if (servers.length > 0) failpoint('reconcile.after-claim')
    for (const server of servers) {
      const run = reconcileOne(server, now).finally(() => {
        // Others may have waited for its slot.
        isWoken ||= running.size === atOnce
        running.delete(run)
        wakeRelay()
        loop.wake()
      })
      running.add(run)
    }
    if (servers.length === 0) await isAnyDue()
    return servers.length
  }

  /** As many as the panel's calls suffice for, with one more call for each that is under way; one where they have run short. */
  function mostToFinish(left: number): number {
    return Math.max(running.size === 0 ? 1 : 0, Math.floor((left - running.size) / callsEach))
  }

  async function reconcileOne(server: Server, now: Date): Promise<void> {
    try {
      await reconcileServer(server, now)
    } catch (error) {
      log.error({ err: error, orderId: server.order_id }, 'Reconciling the server failed; retrying')
      await backOff(prisma, server).catch((cause) =>
        log.warn(
          { err: cause, orderId: server.order_id },
          'Releasing the lease failed; it expires by itself',
        ),
      )
    }
  }

  async function isAnyDue(): Promise<boolean> {
    const dueInMs = await msToNextDue(prisma, panelId)
    // The loop's own interval is too long for an install that is due again in a few milliseconds.
    if (dueInMs !== null && dueInMs > 0) wakeIn(dueInMs)
    return dueInMs !== null && dueInMs <= 0
  }

  function wakeIn(ms: number): void {
    clearTimeout(alarm)
    if (ms < idleMs) alarm = setTimeout(wake, Math.max(5, ms))
  }

  function wake(): void {
    isWoken = true
    loop.wake()
  }

  const loop = startLoop({
    tick,
    idleMs,
    onError: (error) => log.warn({ err: error }, 'Reading due servers failed'),
  })
  return {
    wake,
    stop: async () => {
      await loop.stop()
      clearTimeout(alarm)
      await Promise.all(running)
    },
  }
}
