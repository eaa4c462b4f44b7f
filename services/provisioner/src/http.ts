import { sql } from '@spawnpoint/database'
import { isOutage, type Nats, type startMessaging } from '@spawnpoint/messaging'
import { addDeadLetterRoutes, addReplayRoutes } from '@spawnpoint/operations'
import { createHttp } from '@spawnpoint/service-kit'
import { hears } from './consumers.ts'
import { addCatalogueRoutes } from './http/catalogue-routes.ts'
import { addCheckRoutes } from './http/check-routes.ts'
import { addDriftRoutes } from './http/drift-routes.ts'
import { addPanelRoutes } from './http/panel-routes.ts'
import { addSecretRoutes } from './http/secret-routes.ts'
import { addServerRoutes } from './http/server-routes.ts'
import { panelStates, panelTroubles } from './panels/panel-health.ts'
import type { Lanes } from './panels/start-lanes.ts'
import type { Shared } from './shared-parts.ts'
import { showOrder } from './show-order.ts'
import { summarize } from './summary.ts'

type Parts = { nats: Nats; messaging: ReturnType<typeof startMessaging>; lanes: Lanes }
type Options = Pick<Parameters<typeof createHttp>[0], 'service' | 'version' | 'apiKeys' | 'isStopping'>

/** Everything that is asked of the provisioner over HTTP. */
export function createProvisionerHttp(shared: Shared, { nats, messaging, lanes }: Parts, options: Options) {
  const { prisma, panels, unpaid, log } = shared
  const app = createHttp({
    ...options,
    isOutage,
    checks: {
      database: async () => {
        await prisma.$queryRaw(sql`SELECT 1`)
        return null
      },
    },
    degrading: {
      nats: async () => (nats.isConnected() ? null : 'NATS is away: no order is heard'),
      panel: () => panelTroubles(panels),
      stream: messaging.streamTrouble,
      unpaid_orders: unpaid.trouble,
    },
    summary: async () => ({
      ...(await messaging.lag()),
      ...(await summarize(prisma)),
      ...(await panelStates(panels)),
    }),
    log,
  })
  const wake = lanes.wakeReconcilers
  const waking = {
    wakeReconciler: wake,
    wakeWaiting: () => {
      panels.lookAnew()
      lanes.wakeLines()
    },
    panelsChanged: () => {
      panels.forget()
      lanes.lookForPanels()
    },
  }
  addServerRoutes(app, { ...shared, ...waking })
  addCatalogueRoutes(app, { ...shared, ...waking })
  addDriftRoutes(app, { ...shared, ...waking })
  addCheckRoutes(app, shared)
  addPanelRoutes(app, { ...shared, ...waking })
  addSecretRoutes(app, { ...shared, ...waking })
  addDeadLetterRoutes(app, { prisma, consumers: hears, wake, log })
  const replays = addReplayRoutes(app, {
    prisma,
    nats,
    ownStream: 'SERVER',
    consumers: hears,
    show: showOrder,
    wake: () => {
      wake()
      messaging.wake()
    },
    log,
  })
  return { app, replays }
}
