import { type Loop, startLoop } from '@spawnpoint/messaging'
import { failpoint, type Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import type { Server } from '../rules/server.ts'
import { backOff, leaseDueServers, msToNextDue } from '../store/leases.ts'
import type { ReconcileServer } from './reconcile-server.ts'

const atOnce = 8
const idleMs = 500

/**
 * Leases due servers of a panel and reconciles each, at most eight at once: one slow node occupies one slot, not all. When woken it
 * leases at once, because something is due; on its own interval it checks first, which is one read while nothing is due.
 */
export function startReconciling({
  prisma,
  panelId,
  reconcileServer,
  leaseMs,
  wakeRelay,
  log,
}: {
  prisma: PrismaClient
  panelId: string
  reconcileServer: ReconcileServer
  leaseMs: number
  wakeRelay: () => void
  log: Logger
}): Loop {
  const running = new Set<Promise<void>>()
  let alarm: NodeJS.Timeout | undefined
  let isWoken = false

  async function tick(): Promise<number> {
    const free = atOnce - running.size
    if (free === 0) return 0
    const takesAtOnce = isWoken
    isWoken = false
    if (!takesAtOnce && !(await isAnyDue())) return 0
    failpoint('reconcile.before-claim')
    const { now, servers } = await leaseDueServers(prisma, { panelId, atMost: free, leaseMs })
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
    clearTimeout(alarm)
    // The loop's own interval is too long for an install that is due again in a few milliseconds.
    if (dueInMs !== null && dueInMs > 0 && dueInMs < idleMs) alarm = setTimeout(wake, Math.max(5, dueInMs))
    return dueInMs !== null && dueInMs <= 0
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
