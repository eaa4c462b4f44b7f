import { adapter, sql } from '@spawnpoint/database'
import {
  addDeadLetterRoutes,
  addReplayRoutes,
  connectNats,
  isOutage,
  startConsumer,
  startMessaging,
} from '@spawnpoint/messaging'
import { createHttp, createLogger, type Logger, serveHttp } from '@spawnpoint/service-kit'
import { addAvailabilityRoute } from './api/availability-routes.ts'
import { addDiscrepancyRoutes } from './api/discrepancy-routes.ts'
import { addRoutes } from './api/routes.ts'
import { consumers } from './consumers/consumers.ts'
import type { Env } from './env.ts'
import { PrismaClient } from './generated/client.ts'
import { startBillingClock } from './jobs/billing-clock.ts'
import { watchUnfulfilledOrders } from './jobs/unfulfilled-orders.ts'
import { startReconciling, startSelfRepair } from './reconciliation/start-reconciliation.ts'
import { showOrder } from './store/order-views.ts'

export { applyLookup } from './jobs/recheck-order.ts'
export { summarizeBilling } from './rules/billing/billing-summary.ts'
export { evaluateBilling } from './rules/billing/evaluate-billing.ts'
export { mayEnd } from './rules/billing/subscription-end.ts'
export { applyPayment } from './rules/decisions/apply-payment.ts'
export { applyServer } from './rules/decisions/apply-server.ts'
export { applySubscription } from './rules/decisions/apply-subscription.ts'
export { policyOf, reevaluateOrder } from './rules/decisions/reevaluate-order.ts'
export type { Rules } from './rules/order/decision.ts'
export { type Order, orderState, placedOrder } from './rules/order/order.ts'
export { defaultPolicy, type Policy } from './rules/order/policy.ts'

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
      maxList: env.MAX_LIST,
      log,
    }),
  )
  const alarms = watchUnfulfilledOrders({ prisma, timeScale: env.TIME_SCALE, wake: messaging.wake, log })
  // Long enough to ask twice, however fast the clock.
  const answerWithinMs = Math.max(2_500, 10_000 * env.TIME_SCALE)
  const money = startBillingClock({
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
  addAvailabilityRoute(app, { ...shop, cacheMs: 3_000 * env.TIME_SCALE })
  addDiscrepancyRoutes(app, reconciling)
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
