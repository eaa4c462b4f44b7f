import { isOutage, type Nats, type startMessaging } from '@spawnpoint/messaging'
import {
  addAuditRoutes,
  addCustomerRoutes,
  addDeadLetterRoutes,
  addReplayRoutes,
  auditOf,
} from '@spawnpoint/operations'
import { createHttp, type Logger, serveHttp } from '@spawnpoint/service-kit'
import type { UnpaidCapacity } from '../capacity/unpaid-capacity.ts'
import type { PanelWorkers } from '../control-loop/panel-workers.ts'
import { customerRecords } from '../customers/customer-records.ts'
import type { PrismaClient } from '../generated/client.ts'
import type { MainPanel } from '../panel-types/main-panel.ts'
import { panelStates } from '../panels/panel-health.ts'
import type { Panels } from '../panels/panels.ts'
import type { Send } from '../pterodactyl/send.ts'
import type { KeyRing } from '../rules/key-ring.ts'
import { showOrder } from '../store/servers.ts'
import { summarize } from '../store/summary.ts'
import { auditedRoutes } from './audited-routes.ts'
import { addCatalogueRoutes } from './catalogue-routes.ts'
import { addCheckRoutes } from './check-routes.ts'
import { consumers } from './consumers.ts'
import { addDriftRoutes } from './drift-routes.ts'
import { createHealth } from './health.ts'
import { addPanelRoutes } from './panel-routes.ts'
import { routeScopes } from './route-scopes.ts'
import { addSecretRoutes } from './secret-routes.ts'
import { addServerRoutes } from './server-routes.ts'

type Options = {
  listen: Parameters<typeof serveHttp>[1]
  apiKeys: Parameters<typeof createHttp>[0]['apiKeys']
  prisma: PrismaClient
  nats: Nats
  messaging: ReturnType<typeof startMessaging>
  panels: Panels
  workers: PanelWorkers
  unpaid: UnpaidCapacity
  main: MainPanel
  ring: KeyRing
  send: Send
  databaseUrl: string
  stalledAfterMs: number
  log: Logger
}

/** Every route of the service. */
export async function serveApi({ listen, apiKeys, ...deps }: Options) {
  const { prisma, nats, messaging, panels, workers, log } = deps
  const { checks, degrading, close } = createHealth({ ...deps, streamCheck: messaging.streamCheck })
  let stopping = false
  const app = createHttp({
    service: 'provisioner',
    version: '0.1.0',
    apiKeys,
    routeScopes,
    isStopping: () => stopping,
    isOutage,
    audit: auditOf(prisma, auditedRoutes({ prisma, main: deps.main })),
    checks,
    degrading,
    summary: async () => ({
      ...(await messaging.lag()),
      ...(await summarize(prisma)),
      ...(await panelStates(panels)),
    }),
    log,
  })
  const wake = workers.wakeReconcilers
  const waking = {
    wakeReconciler: wake,
    wakeWaiting: () => workers.wakeQueues(),
    panelsChanged: () => {
      panels.refresh()
      workers.refreshPanels()
    },
  }
  addServerRoutes(app, { ...deps, ...waking })
  addCatalogueRoutes(app, { ...deps, ...waking })
  addDriftRoutes(app, { ...deps, ...waking })
  addCheckRoutes(app, deps)
  addPanelRoutes(app, { ...deps, ...waking })
  addSecretRoutes(app, { ...deps, ...waking })
  addCustomerRoutes(app, {
    ...{ prisma, nats, ownStream: 'SERVER' },
    records: customerRecords(deps),
    wake: messaging.wake,
  })
  addAuditRoutes(app, { prisma })
  addDeadLetterRoutes(app, { prisma, consumers, wake, log })
  const replays = addReplayRoutes(app, {
    prisma,
    nats,
    ownStream: 'SERVER',
    consumers,
    show: showOrder,
    wake: () => {
      wake()
      messaging.wake()
    },
    log,
  })
  const http = await serveHttp(app, listen)
  log.info({ port: http.port, panel: deps.main.url }, 'Listening')
  return {
    port: http.port,
    async stop() {
      stopping = true
      await Promise.all([http.stop(), replays.stop(), close()])
    },
  }
}
