import { adapter, sql } from '@spawnpoint/database'
import {
  addDeadLetterRoutes,
  addReplayRoutes,
  connectNats,
  isOutage,
  startMessaging,
} from '@spawnpoint/messaging'
import { createHttp, createLogger, type Logger, serveHttp } from '@spawnpoint/service-kit'
import { hears, startConsumers } from './consumers.ts'
import { createCreateServer } from './create-server.ts'
import { createDriveServer } from './drive-server.ts'
import { createEnsureUser } from './ensure-user.ts'
import type { Env } from './env.ts'
import { createFindEgg } from './find-egg.ts'
import { PrismaClient } from './generated/client.ts'
import { greetPanel, panelTrouble } from './greet-panel.ts'
import { addServerRoutes } from './http.ts'
import { addAdminRoutes } from './http-admin.ts'
import { createPanelClient } from './panel/panel-client.ts'
import { createPanelToken } from './panel-token.ts'
import { startReconciling } from './reconcile.ts'
import { showOrder } from './show-order.ts'
import { summarize } from './summary.ts'

export { nextStep } from './next-step.ts'

const service = 'provisioner'
const version = '0.1.0'

export type Provisioner = AsyncDisposable & { port: number; log: Logger }

/** Orders in over NATS, servers out on the panel. */
export async function startProvisioner(env: Env): Promise<Provisioner> {
  const log = createLogger({ service, level: env.LOG_LEVEL })
  // Below two seconds a busy machine alone makes calls time out.
  const timeoutMs = Math.max(2_000, 60_000 * env.TIME_SCALE)
  const leaseMs = 2 * timeoutMs
  const prisma = new PrismaClient({ adapter: adapter(env.DATABASE_URL, { connectionLimit: 12 }) })
  const nats = connectNats({ url: env.NATS_URL, name: service, log })
  const messaging = startMessaging({ prisma, nats, stream: 'SERVER', timeScale: env.TIME_SCALE, log })
  const token = createPanelToken({ prisma, ring: env.SECRETS_KEYS, fallback: env.PANEL_TOKEN })
  const panel = createPanelClient({ url: env.PANEL_URL, token, timeoutMs })
  const createServer = createCreateServer({
    prisma,
    panel,
    ensureUser: createEnsureUser({ prisma, panel }),
    findEgg: createFindEgg({ panel, keepMs: 30_000 * env.TIME_SCALE }),
    leaseMs,
  })
  const greeting = greetPanel({ panel, log })
  const driveServer = createDriveServer({ prisma, panel, createServer, timeScale: env.TIME_SCALE, log })
  const reconciling = startReconciling({ prisma, driveServer, leaseMs, wakeRelay: messaging.wake, log })
  const consumers = startConsumers({
    nats,
    prisma,
    wakeReconciler: reconciling.wake,
    timeScale: env.TIME_SCALE,
    log,
  })

  let stopping = false
  const app = createHttp({
    service,
    version,
    apiKeys: env.API_KEYS,
    isOutage,
    isStopping: () => stopping,
    checks: {
      database: async () => {
        await prisma.$queryRaw(sql`SELECT 1`)
        return null
      },
    },
    degrading: {
      nats: async () => (nats.isConnected() ? null : 'NATS is away: no order is heard'),
      panel: () => panelTrouble(panel),
    },
    summary: async () => ({ ...(await messaging.lag()), ...(await summarize(prisma)) }),
    log,
  })
  addServerRoutes(app, { prisma, wakeReconciler: reconciling.wake })
  addAdminRoutes(app, { prisma, ring: env.SECRETS_KEYS })
  addDeadLetterRoutes(app, { prisma, consumers: hears, wake: reconciling.wake, log })
  const replays = addReplayRoutes(app, {
    prisma,
    nats,
    ownStream: 'SERVER',
    consumers: hears,
    show: showOrder,
    wake: () => {
      reconciling.wake()
      messaging.wake()
    },
    log,
  })
  const serving = await serveHttp(app, env.PORT)
  log.info({ port: serving.port, panel: env.PANEL_URL }, 'Listening')

  return {
    port: serving.port,
    log,
    [Symbol.asyncDispose]: async () => {
      stopping = true
      await Promise.all([serving.stop(), consumers.stop(), replays.stop()])
      // What the panel has not answered by then stays unanswered; who drives it next looks first.
      const patience = setTimeout(panel.abandon, 5_000)
      await Promise.all([reconciling.stop(), greeting.stop()])
      clearTimeout(patience)
      await messaging.stop()
      await nats.close()
      await prisma.$disconnect()
    },
  }
}
