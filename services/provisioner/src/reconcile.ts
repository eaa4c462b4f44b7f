import { againAfterRaces, sql } from '@spawnpoint/database'
import { type Loop, startLoop } from '@spawnpoint/messaging'
import { failpoint, type Logger } from '@spawnpoint/service-kit'
import type { DriveServer } from './drive-server.ts'
import type { PrismaClient } from './generated/client.ts'
import { claimDueServers, msToNextDue, releaseLease } from './lease.ts'
import type { Server } from './server.ts'

const atOnce = 8
const idleMs = 500

/**
 * Takes due servers of a panel and drives each of them, at most eight at once: one slow node holds one place, not all. Whoever is woken
 * takes at once, for something is due; whoever comes by itself looks first, which is one read while nothing is.
 */
export function startReconciling({
  prisma,
  panelId,
  driveServer,
  leaseMs,
  wakeRelay,
  log,
}: {
  prisma: PrismaClient
  panelId: string
  driveServer: DriveServer
  leaseMs: number
  wakeRelay: () => void
  log: Logger
}): Loop {
  const driving = new Set<Promise<void>>()
  let alarm: NodeJS.Timeout | undefined
  let isWoken = false

  async function tick(): Promise<number> {
    const free = atOnce - driving.size
    if (free === 0) return 0
    const takesAtOnce = isWoken
    isWoken = false
    if (!takesAtOnce && !(await isAnyDue())) return 0
    failpoint('reconcile.before-claim')
    const { now, servers } = await claimDueServers(prisma, { panelId, atMost: free, leaseMs })
    if (servers.length > 0) failpoint('reconcile.after-claim')
    for (const server of servers) {
      const drive = driveOne(server, now).finally(() => {
        // Others may have waited for its place.
        isWoken ||= driving.size === atOnce
        driving.delete(drive)
        wakeRelay()
        loop.wake()
      })
      driving.add(drive)
    }
    if (servers.length === 0) await isAnyDue()
    return servers.length
  }

  async function driveOne(server: Server, now: Date): Promise<void> {
    try {
      await driveServer(server, now)
    } catch (error) {
      log.error({ err: error, orderId: server.order_id }, 'A server could not be driven; it is tried again')
      await backOff(prisma, server).catch((cause) =>
        log.warn({ err: cause, orderId: server.order_id }, 'Its lease ends by itself'),
      )
    }
  }

  async function isAnyDue(): Promise<boolean> {
    const dueInMs = await msToNextDue(prisma, panelId)
    clearTimeout(alarm)
    // The loop's own pause is too long for an install that is looked at again in a few milliseconds.
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
    onError: (error) => log.warn({ err: error }, 'Looking for due servers failed'),
  })
  return {
    wake,
    stop: async () => {
      await loop.stop()
      clearTimeout(alarm)
      await Promise.all(driving)
    },
  }
}

async function backOff(prisma: PrismaClient, server: Server): Promise<void> {
  await againAfterRaces(() =>
    prisma.$executeRaw(
      sql`UPDATE server SET attempts = attempts + 1, next_attempt_at = UTC_TIMESTAMP(3) + INTERVAL 5 SECOND
          WHERE order_id = ${server.order_id} AND lease_token = ${server.lease_token}`,
    ),
  )
  await releaseLease(prisma, server)
}
