import { availability, checkOrder, reserve } from '@spawnpoint/contracts'
import { adapter, sql } from '@spawnpoint/database'
import {
  addDeadLetterRoutes,
  addReplayRoutes,
  answerRequests,
  connectNats,
  isOutage,
  startMessaging,
} from '@spawnpoint/messaging'
import { createHttp, createLogger, type Logger, serveHttp } from '@spawnpoint/service-kit'
import { createCheckOrder } from './check-order.ts'
import { hears, startConsumers } from './consumers.ts'
import { countPlaces } from './count-places.ts'
import { createCreateServer } from './create-server.ts'
import { startSweeping } from './drift/start-sweeping.ts'
import { createDriveServer } from './drive-server.ts'
import { createEnsureUser } from './ensure-user.ts'
import type { Env } from './env.ts'
import { createFindEgg } from './find-egg.ts'
import { PrismaClient } from './generated/client.ts'
import { greetPanel, panelTrouble } from './greet-panel.ts'
import { addServerRoutes } from './http.ts'
import { addAdminRoutes } from './http-admin.ts'
import { addDriftRoutes } from './http-drifts.ts'
import { addPanelRoutes } from './http-panel.ts'
import { addSecretRoutes } from './http-secrets.ts'
import type { Policy } from './next-step.ts'
import { createPanelClient } from './panel/panel-client.ts'
import { createPollServer } from './panel/poll-server.ts'
import { createPanelToken } from './panel-token.ts'
import { createPanelView } from './panel-view.ts'
import { startReconciling } from './reconcile.ts'
import { createRenameServer } from './rename-server.ts'
import { reservePlace } from './reserve-place.ts'
import { createResizeServer } from './resize-server.ts'
import { startServingLines } from './serve-lines.ts'
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
  const panel = createPanelClient({ url: env.PANEL_URL, token, timeoutMs, timeScale: env.TIME_SCALE })
  const view = createPanelView({
    prisma,
    panel,
    keepMs: 3_000 * env.TIME_SCALE,
    mistrustMs: 60_000 * env.TIME_SCALE,
  })
  const deadlineMs = env.WAIT_DEADLINE_HOURS * 3_600_000 * env.TIME_SCALE
  const ensureUser = createEnsureUser({ prisma, panel })
  const findEgg = createFindEgg({ panel, keepMs: 30_000 * env.TIME_SCALE })
  const driving = {
    prisma,
    panel,
    ensureUser,
    findEgg,
    leaseMs,
    timeScale: env.TIME_SCALE,
    wakeWaiting: () => lines.wake(),
    log,
  }
  const greeting = greetPanel({ panel, log })
  const driveServer = createDriveServer({
    ...driving,
    createServer: createCreateServer({ ...driving, view, deadlineMs }),
    resizeServer: createResizeServer(driving),
    renameServer: createRenameServer(driving),
    pollServer: createPollServer(panel),
    policy: policyOf(env),
  })
  const reconciling = startReconciling({ prisma, driveServer, leaseMs, wakeRelay: messaging.wake, log })
  const sweeping = { prisma, panel, wakeReconciler: reconciling.wake }
  const sweeps = startSweeping({ ...sweeping, intervalMs: sweepMsOf(env), log })
  const places = { prisma, view, deadlineMs }
  const lines = startServingLines({
    ...places,
    timeScale: env.TIME_SCALE,
    wakeReconciler: reconciling.wake,
    log,
  })
  const answering = [
    answerRequests({ nats, contract: checkOrder, handle: createCheckOrder({ prisma, findEgg }), log }),
    answerRequests({ nats, contract: reserve, handle: reservePlace(places), log }),
    answerRequests({ nats, contract: availability, handle: countPlaces(places), log }),
  ]
  const consumers = startConsumers({
    nats,
    prisma,
    wakeReconciler: reconciling.wake,
    timeScale: env.TIME_SCALE,
    maxList: env.MAX_LIST,
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
    summary: async () => ({
      ...(await messaging.lag()),
      ...(await summarize(prisma)),
      panel: panel.state(),
    }),
    log,
  })
  addServerRoutes(app, { prisma, wakeReconciler: reconciling.wake })
  addAdminRoutes(app, { prisma, findEgg, wakeWaiting: lines.wake })
  addDriftRoutes(app, sweeping)
  addPanelRoutes(app, { prisma, panel, findEgg })
  addSecretRoutes(app, { prisma, ring: env.SECRETS_KEYS })
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
      await Promise.all([
        serving.stop(),
        consumers.stop(),
        replays.stop(),
        ...answering.map((answers) => answers.stop()),
      ])
      // What the panel has not answered by then stays unanswered; who drives it next looks first.
      const patience = setTimeout(panel.abandon, 5_000)
      await Promise.all([reconciling.stop(), lines.stop(), sweeps.stop(), greeting.stop()])
      clearTimeout(patience)
      await messaging.stop()
      await nats.close()
      await prisma.$disconnect()
    },
  }
}

function policyOf({ INSTALL_TRIES, FORCE_DELETE_AFTER_HOURS: hours }: Env): Policy {
  return {
    mostReinstalls: INSTALL_TRIES - 1,
    forceDeleteAfterMs: hours === undefined ? null : hours * 3_600_000,
  }
}

function sweepMsOf({ DRIFT_SWEEP_MINUTES, TIME_SCALE }: Env): number {
  return DRIFT_SWEEP_MINUTES * 60_000 * TIME_SCALE
}
