import { sql } from '@spawnpoint/database'
import {
  addDeadLetterRoutes,
  addReplayRoutes,
  isOutage,
  type Nats,
  type startMessaging,
} from '@spawnpoint/messaging'
import { createHttp, type Logger } from '@spawnpoint/service-kit'
import type { UnpaidWatch } from '../capacity/unpaid-capacity.ts'
import type { Lanes } from '../control-loop/panel-workers.ts'
import type { PrismaClient } from '../generated/client.ts'
import { panelStates, panelTroubles } from '../panels/panel-health.ts'
import type { Panels } from '../panels/panels.ts'
import type { KeyRing } from '../rules/key-ring.ts'
import { showOrder } from '../store/servers.ts'
import { summarize } from '../store/summary.ts'
import { addCatalogueRoutes } from './catalogue-routes.ts'
import { addCheckRoutes } from './check-routes.ts'
import { hears } from './consumers.ts'
import { addDriftRoutes } from './drift-routes.ts'
import { addPanelRoutes } from './panel-routes.ts'
import { addSecretRoutes } from './secret-routes.ts'
import { addServerRoutes } from './server-routes.ts'

type Deps = {
  prisma: PrismaClient
  panels: Panels
  unpaid: UnpaidWatch
  main: { url: string; token: string | undefined }
  ring: KeyRing
  log: Logger
}
type Parts = { nats: Nats; messaging: ReturnType<typeof startMessaging>; lanes: Lanes }
type Options = Pick<Parameters<typeof createHttp>[0], 'service' | 'version' | 'apiKeys' | 'isStopping'>

/** Everything that is asked of the provisioner over HTTP. */
export function createProvisionerHttp(deps: Deps, { nats, messaging, lanes }: Parts, options: Options) {
  const { prisma, panels, unpaid, log } = deps
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
  addServerRoutes(app, { ...deps, ...waking })
  addCatalogueRoutes(app, { ...deps, ...waking })
  addDriftRoutes(app, { ...deps, ...waking })
  addCheckRoutes(app, deps)
  addPanelRoutes(app, { ...deps, ...waking })
  addSecretRoutes(app, { ...deps, ...waking })
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
