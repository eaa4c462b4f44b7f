import { isOutage, type startMessaging } from '@spawnpoint/messaging'
import {
  addAuditRoutes,
  addCustomerRoutes,
  addDeadLetterRoutes,
  addReplayRoutes,
  auditOf,
} from '@spawnpoint/operations'
import { type Checks, createHttp, serveHttp } from '@spawnpoint/service-kit'
import type { PlaceOrderContext } from '../checkout/place-order.ts'
import { consumers } from '../consumers/consumers.ts'
import { customerRecords } from '../customers/customer-records.ts'
import type { ReconcileDeps } from '../reconciliation/extent.ts'
import type { RepairDeps } from '../reconciliation/repairs.ts'
import { showOrder } from '../store/order-views.ts'
import { auditedRoutes } from './audited-routes.ts'
import { addAvailabilityRoute } from './availability-routes.ts'
import { addFindCustomerRoute } from './customer-routes.ts'
import { addDiscrepancyRoutes } from './discrepancy-routes.ts'
import { createHealth } from './health.ts'
import { routeScopes } from './route-scopes.ts'
import { addRoutes } from './routes.ts'

type Options = {
  listen: Parameters<typeof serveHttp>[1]
  apiKeys: Parameters<typeof createHttp>[0]['apiKeys']
  timeScale: number
  messaging: ReturnType<typeof startMessaging>
  /** Why subscriptions cannot be looked up. */
  subscriptionTrouble: () => string | null
  /** What of the orders waits for a person. */
  orderChecks: Checks
  databaseUrl: string
  stalledAfterMs: number
  /** What `/health` counts. */
  counts: () => Promise<Record<string, unknown>>
}

/** All routes of this service. */
export async function serveApi(
  shop: PlaceOrderContext & ReconcileDeps & RepairDeps,
  { listen, apiKeys, timeScale, messaging, counts, ...options }: Options,
) {
  const { prisma, nats, wake, log } = shop
  const { streamCheck } = messaging
  const { checks, degrading, close } = createHealth({ ...options, prisma, nats, streamCheck })
  let stopping = false
  const app = createHttp({
    service: 'order',
    version: '0.1.0',
    apiKeys,
    routeScopes,
    isOutage,
    audit: auditOf(prisma, auditedRoutes(prisma)),
    openRoutes: ['GET /plans'],
    log,
    isStopping: () => stopping,
    checks,
    degrading,
    summary: async () => ({ ...(await messaging.lag()), ...(await counts()) }),
  })
  addRoutes(app, shop)
  addAvailabilityRoute(app, { ...shop, cacheMs: 3_000 * timeScale })
  addDiscrepancyRoutes(app, shop)
  addFindCustomerRoute(app, shop)
  addCustomerRoutes(app, { prisma, nats, wake, ownStream: 'ORDER', records: customerRecords(shop) })
  addAuditRoutes(app, { prisma })
  addDeadLetterRoutes(app, { prisma, consumers, wake, log })
  const replays = addReplayRoutes(app, {
    ...{ prisma, nats, wake, log, consumers },
    ownStream: 'ORDER',
    show: showOrder,
  })
  const http = await serveHttp(app, listen)
  log.info({ port: http.port }, 'Listening')
  return {
    port: http.port,
    async stop() {
      stopping = true
      await Promise.all([http.stop(), replays.stop(), close()])
    },
  }
}
