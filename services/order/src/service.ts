import { adapter, sql } from '@spawnpoint/database'
import { connectNats, isOutage, startConsumer, startMessaging } from '@spawnpoint/messaging'
import { addDeadLetterRoutes, addReplayRoutes } from '@spawnpoint/operations'
import { createHttp, createLogger, type Logger, serveHttp } from '@spawnpoint/service-kit'
import { watchPaidOrders } from './alarms/watch-paid-orders.ts'
import { consumers } from './consumers.ts'
import { startReconciling, startSelfRepair } from './differences/start-reconciling.ts'
import type { Env } from './env.ts'
import { PrismaClient } from './generated/client.ts'
import { addRoutes } from './http.ts'
import { addDifferenceRoutes } from './http-differences.ts'
import { watchMoney } from './money/watch-money.ts'
import { addAvailabilityRoute } from './placing/http-availability.ts'
import { showOrder } from './show-order.ts'

export type { Rules } from './decision.ts'
export { accountOf } from './money/account.ts'
export { applyPayment } from './money/apply-payment.ts'
export { applySubscription } from './money/apply-subscription.ts'
export { followMoney, policyOf } from './money/follow-money.ts'
export { withAnswer } from './money/look-again.ts'
export { defaultPolicy, type Policy } from './money/policy.ts'
export { standing } from './money/standing.ts'
export { mayEnd } from './money/subscription-end.ts'
export { type Order, orderState, placedOrder } from './order.ts'
export { applyServer } from './server/apply-server.ts'

const service = 'order'

/** The seller's shop talks to this one: orders, their states and their rules. */
export async function startOrder(env: Env): Promise<AsyncDisposable & { port: number; log: Logger }> {
  const log = createLogger({ service, level: env.LOG_LEVEL })
  const prisma = new PrismaClient({ adapter: adapter(env.DATABASE_URL, { connectionLimit: 6 }) })
  // Connections of their own, so that a rush of buyers does not keep payments from being heard.
  const forHttp = new PrismaClient({ adapter: adapter(env.DATABASE_URL, { connectionLimit: 6 }) })
  const nats = connectNats({ url: env.NATS_URL, name: service, log })
  const messaging = startMessaging({ prisma, nats, stream: 'ORDER', timeScale: env.TIME_SCALE, log })
  const consuming = consumers.map((consumer) =>
    startConsumer({
      ...consumer,
      prisma,
      nats,
      wakeRelay: messaging.wake,
      timeScale: env.TIME_SCALE,
      maxBatch: env.MAX_BATCH,
      log,
    }),
  )
  const alarms = watchPaidOrders({ prisma, timeScale: env.TIME_SCALE, wake: messaging.wake, log })
  // Long enough to ask twice, however fast the clock.
  const answerWithinMs = Math.max(2_500, 10_000 * env.TIME_SCALE)
  const money = watchMoney({
    prisma,
    nats,
    answerWithinMs,
    timeScale: env.TIME_SCALE,
    wake: messaging.wake,
    log,
  })
  const reconciling = {
    prisma: forHttp,
    nats,
    answerWithinMs,
    quietMs: 60_000 * env.TIME_SCALE,
    wake: messaging.wake,
    log,
  }
  const reconciler = startReconciling({
    ...reconciling,
    intervalMs: env.RECONCILE_HOURS * 3_600_000 * env.TIME_SCALE,
    wakeRelay: messaging.wake,
  })
  const selfRepair = startSelfRepair({
    ...reconciling,
    // However fast the clock, a comparison takes its time.
    intervalMs:
      env.RECONCILE_MINUTES === 0 ? null : Math.max(5_000, env.RECONCILE_MINUTES * 60_000 * env.TIME_SCALE),
  })
  let stopping = false
  const app = createHttp({
    service,
    version: '0.1.0',
    apiKeys: env.API_KEYS,
    isOutage,
    openRoutes: ['GET /plans'],
    log,
    isStopping: () => stopping,
    checks: {
      mysql: async () => {
        await forHttp.$queryRaw(sql`SELECT 1`)
        return null
      },
      nats: async () => (nats.isConnected() ? null : 'NATS is away: payments cannot be heard'),
    },
    degrading: { subscriptions: async () => money.trouble(), stream: messaging.streamTrouble },
    summary: async () => ({
      ...(await messaging.lag()),
      ...(await alarms.summary()),
      self_repaired: selfRepair.repaired(),
    }),
  })
  const shop = {
    prisma: forHttp,
    nats,
    answerWithinMs,
    sellWithoutCapacity: env.SELL_WITHOUT_CAPACITY,
    maxOpenOrders: env.MAX_OPEN_ORDERS_PER_CUSTOMER,
    wake: messaging.wake,
    log,
  }
  addRoutes(app, shop)
  addAvailabilityRoute(app, { ...shop, keepMs: 3_000 * env.TIME_SCALE })
  addDifferenceRoutes(app, reconciling)
  addDeadLetterRoutes(app, { prisma, consumers, wake: messaging.wake, log })
  const replays = addReplayRoutes(app, {
    prisma,
    nats,
    ownStream: 'ORDER',
    consumers,
    show: showOrder,
    wake: messaging.wake,
    log,
  })
  const http = await serveHttp(app, env.PORT)
  log.info({ port: http.port }, 'Listening')
  return {
    port: http.port,
    log,
    async [Symbol.asyncDispose]() {
      stopping = true
      await Promise.all([
        http.stop(),
        replays.stop(),
        alarms.stop(),
        money.stop(),
        reconciler.stop(),
        selfRepair.stop(),
        ...consuming.map((consumer) => consumer.stop()),
      ])
      await messaging.stop()
      await nats.close()
      await Promise.all([prisma.$disconnect(), forHttp.$disconnect()])
    },
  }
}
