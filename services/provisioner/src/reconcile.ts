import { sql } from '@spawnpoint/database'
import { type Loop, startLoop } from '@spawnpoint/messaging'
import { type Logger, step } from '@spawnpoint/service-kit'
import type { DriveServer } from './drive-server.ts'
import type { PrismaClient } from './generated/client.ts'
import { claimDueServers, releaseLease } from './lease.ts'
import type { Server } from './server.ts'

const atOnce = 8
const idleMs = 500

/** Takes due servers and drives each of them, at most eight at once: one slow node holds one place, not all. */
export function startReconciling({
  prisma,
  driveServer,
  leaseMs,
  wakeRelay,
  log,
}: {
  prisma: PrismaClient
  driveServer: DriveServer
  leaseMs: number
  wakeRelay: () => void
  log: Logger
}): Loop {
  const driving = new Set<Promise<void>>()
  let alarm: NodeJS.Timeout | undefined

  async function tick(): Promise<number> {
    const free = atOnce - driving.size
    if (free === 0) return 0
    step('reconcile.before-claim')
    const { now, servers } = await claimDueServers(prisma, { atMost: free, leaseMs })
    if (servers.length > 0) step('reconcile.after-claim')
    for (const server of servers) {
      const drive = driveOne(server, now).finally(() => {
        driving.delete(drive)
        wakeRelay()
        loop.wake()
      })
      driving.add(drive)
    }
    if (servers.length === 0) await setAlarm()
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

  // The loop's own pause is too long for an install that is looked at again in a few milliseconds.
  async function setAlarm(): Promise<void> {
    const dueInMs = await msToNextDue(prisma)
    clearTimeout(alarm)
    if (dueInMs !== null && dueInMs < idleMs) alarm = setTimeout(() => loop.wake(), Math.max(5, dueInMs))
  }

  const loop = startLoop({
    tick,
    idleMs,
    onError: (error) => log.warn({ err: error }, 'Looking for due servers failed'),
  })
  return {
    wake: loop.wake,
    stop: async () => {
      await loop.stop()
      clearTimeout(alarm)
      await Promise.all(driving)
    },
  }
}

async function backOff(prisma: PrismaClient, server: Server): Promise<void> {
  await prisma.$executeRaw(
    sql`UPDATE server SET attempts = attempts + 1, next_attempt_at = UTC_TIMESTAMP(3) + INTERVAL 5 SECOND
        WHERE order_id = ${server.order_id} AND lease_token = ${server.lease_token}`,
  )
  await releaseLease(prisma, server)
}

async function msToNextDue(prisma: PrismaClient): Promise<number | null> {
  const [row] = await prisma.$queryRaw<{ us: bigint | number | null }[]>(
    sql`SELECT TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), MIN(next_attempt_at)) AS us FROM server
        WHERE next_attempt_at IS NOT NULL AND (lease_until IS NULL OR lease_until <= UTC_TIMESTAMP(3))`,
  )
  return row?.us == null ? null : Number(row.us) / 1_000
}
