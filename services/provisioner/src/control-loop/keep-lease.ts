import type { Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import type { Server } from '../rules/server.ts'
import { keepLease } from '../store/leases.ts'

/**
 * Keeps the lease of a server as long as it is worked on. So a lease may be short, although a call may be long: the server of a process
 * that was killed is taken over soon. Losing one is safe: nothing more is sent with it, and what was sent is in doubt, as after a crash.
 */
export async function keepingLease<Result>(
  { prisma, leaseMs, log }: { prisma: PrismaClient; leaseMs: number; log: Logger },
  server: Server,
  work: () => Promise<Result>,
): Promise<Result> {
  let renewing: Promise<void> | undefined
  const timer = setInterval(() => {
    renewing = keepLease(prisma, server, leaseMs).catch((error) =>
      log.warn({ err: error, orderId: server.order_id }, 'Keeping the lease of a server failed'),
    )
  }, leaseMs / 4)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    await renewing
  }
}
