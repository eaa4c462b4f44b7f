import { adapter } from '@spawnpoint/database'
import { connectNats, limitsOf, startConsumer, startMessaging } from '@spawnpoint/messaging'
import { createLogger, type Logger, listenOf } from '@spawnpoint/service-kit'
import { serveApi } from './api/serve.ts'
import { consumers } from './consumers/consumers.ts'
import type { Env } from './env.ts'
import { PrismaClient } from './generated/client.ts'
import { startBillingClock } from './jobs/billing-clock.ts'
import { watchUnfulfilledOrders } from './jobs/unfulfilled-orders.ts'
import { startReconciling, startSelfRepair } from './reconciliation/start-reconciliation.ts'

/** The seller's shop talks to this one: orders, their states and their rules. */
export async function startOrder(env: Env): Promise<AsyncDisposable & { port: number; log: Logger }> {
  const { TIME_SCALE: timeScale } = env
  const log = createLogger({ service: 'order', level: env.LOG_LEVEL })
  const prisma = new PrismaClient({ adapter: adapter(env.DATABASE_URL, { connectionLimit: 6 }) })
  // A pool of its own, so that a rush of buyers does not delay payment events.
  const forHttp = new PrismaClient({ adapter: adapter(env.DATABASE_URL, { connectionLimit: 6 }) })
  const nats = connectNats({ url: env.NATS_URL, name: 'order', log })
  const base = { prisma, nats, timeScale, log }
  const messaging = startMessaging({
    ...{ ...base, stream: 'ORDER', limits: limitsOf(env) },
    auditRetentionDays: env.AUDIT_RETENTION_DAYS,
  })
  // Long enough to ask twice, however fast the clock.
  const answerWithinMs = Math.max(2_500, 10_000 * timeScale)
  const shared = { ...base, answerWithinMs, wake: messaging.wake }
  const consuming = consumers.map((consumer) =>
    startConsumer({ ...consumer, ...base, wakeRelay: messaging.wake, maxBatch: env.MAX_BATCH }),
  )
  const alarms = watchUnfulfilledOrders({ ...shared, serverLateMs: env.SERVER_LATE_MINUTES * 60_000 })
  const clock = startBillingClock(shared)
  const shop = {
    ...shared,
    prisma: forHttp,
    quietMs: 60_000 * timeScale,
    sellWithoutCapacity: env.SELL_WITHOUT_CAPACITY,
    maxOpenOrders: env.MAX_OPEN_ORDERS_PER_CUSTOMER,
  }
  const reconciler = startReconciling({ ...shop, intervalMs: env.RECONCILE_HOURS * 3_600_000 * timeScale })
  // However fast the clock, a comparison takes its time.
  const selfRepairMs = Math.max(5_000, env.RECONCILE_MINUTES * 60_000 * timeScale)
  const intervalMs = env.RECONCILE_MINUTES === 0 ? null : selfRepairMs
  const selfRepair = startSelfRepair({ ...shop, intervalMs })
  const api = await serveApi(shop, {
    ...{ listen: listenOf(env), apiKeys: env.API_KEYS, timeScale, messaging },
    subscriptionTrouble: clock.trouble,
    orderChecks: alarms.checks,
    ...{ databaseUrl: env.DATABASE_URL, stalledAfterMs: env.STALLED_AFTER_SECONDS * 1_000 },
    counts: async () => ({ ...(await alarms.summary()), self_repaired: selfRepair.repaired() }),
  })
  return {
    port: api.port,
    log,
    async [Symbol.asyncDispose]() {
      const running = [api, alarms, clock, reconciler, selfRepair, ...consuming]
      await Promise.all(running.map((one) => one.stop()))
      await messaging.stop()
      await nats.close()
      await Promise.all([prisma.$disconnect(), forHttp.$disconnect()])
    },
  }
}
