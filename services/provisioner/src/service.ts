import {
  availability,
  checkOrder,
  lookAgain,
  reserve,
  sayServersAgain,
  serverStatement,
} from '@spawnpoint/contracts'
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
import { createDriver } from './create-driver.ts'
import { startSweeping } from './drift/start-sweeping.ts'
import { createDriveOnItsPanel } from './drive-on-its-panel.ts'
import type { Env } from './env.ts'
import { PrismaClient } from './generated/client.ts'
import { greetPanel } from './greet-panel.ts'
import { addServerRoutes } from './http.ts'
import { addAdminRoutes } from './http-admin.ts'
import { addDriftRoutes } from './http-drifts.ts'
import { addPanelRoutes } from './http-panel.ts'
import { addPanelsRoutes } from './http-panels.ts'
import { addSecretRoutes } from './http-secrets.ts'
import { looksAgain } from './look-again.ts'
import type { Policy } from './next-step.ts'
import { panelStates, panelTroubles } from './panels/panel-health.ts'
import { createPanels } from './panels/panels.ts'
import { type Lane, startLanes } from './panels/start-lanes.ts'
import { startReconciling } from './reconcile.ts'
import { reservePlace } from './reserve-place.ts'
import { saysServersAgain } from './say-servers-again.ts'
import { startServingLines } from './serve-lines.ts'
import { stateServers } from './server-statement.ts'
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
  const main = { url: env.PANEL_URL, token: env.PANEL_TOKEN }
  const panels = createPanels({
    prisma,
    main,
    ring: env.SECRETS_KEYS,
    timeoutMs,
    timeScale: env.TIME_SCALE,
  })
  const deadlineMs = env.WAIT_DEADLINE_HOURS * 3_600_000 * env.TIME_SCALE
  const common = { prisma, panels, leaseMs, deadlineMs, timeScale: env.TIME_SCALE, log }
  const wakeReconciler = () => lanes.wakeReconcilers()
  const wakeWaiting = () => {
    panels.lookAnew()
    lanes.wakeLines()
  }
  const driveServer = createDriveOnItsPanel({
    ...common,
    driverFor: (tools) =>
      createDriver({
        ...common,
        ...tools,
        wakeWaiting: () => {
          tools.view.forget()
          lanes.wakeLines(tools.panel.id)
        },
        policy: policyOf(env),
      }),
  })
  const openLane = (panelId: string): Lane => ({
    reconciler: startReconciling({ ...common, panelId, driveServer, wakeRelay: messaging.wake }),
    line: startServingLines({ ...common, panelId, wakeReconciler }),
    others: [
      greetPanel({ panels, panelId, log }),
      startSweeping({ ...common, panelId, wakeReconciler, intervalMs: sweepMsOf(env) }),
    ],
  })
  const lanes = startLanes({ prisma, panels, open: openLane, log })
  const answering = [
    answerRequests({ nats, contract: checkOrder, handle: createCheckOrder(common), log }),
    answerRequests({ nats, contract: reserve, handle: reservePlace(common), log }),
    answerRequests({ nats, contract: availability, handle: countPlaces(common), log }),
    answerRequests({ nats, contract: serverStatement, handle: stateServers({ prisma }), log }),
    answerRequests({
      nats,
      contract: sayServersAgain,
      handle: saysServersAgain({ prisma, wakeRelay: messaging.wake }),
      log,
    }),
    answerRequests({ nats, contract: lookAgain, handle: looksAgain({ prisma, wakeReconciler }), log }),
  ]
  const consumers = startConsumers({
    nats,
    prisma,
    wakeReconciler,
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
      panel: () => panelTroubles(panels),
    },
    summary: async () => ({
      ...(await messaging.lag()),
      ...(await summarize(prisma)),
      ...(await panelStates(panels)),
    }),
    log,
  })
  const panelsChanged = () => {
    panels.forget()
    lanes.lookForPanels()
  }
  addServerRoutes(app, { prisma, wakeReconciler })
  addAdminRoutes(app, { prisma, panels, wakeWaiting })
  addDriftRoutes(app, { prisma, panels, wakeReconciler })
  addPanelRoutes(app, { prisma, panels })
  addPanelsRoutes(app, { prisma, ring: env.SECRETS_KEYS, main, panelsChanged })
  addSecretRoutes(app, { prisma, ring: env.SECRETS_KEYS, panelsChanged })
  addDeadLetterRoutes(app, { prisma, consumers: hears, wake: wakeReconciler, log })
  const replays = addReplayRoutes(app, {
    prisma,
    nats,
    ownStream: 'SERVER',
    consumers: hears,
    show: showOrder,
    wake: () => {
      wakeReconciler()
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
      const patience = setTimeout(panels.abandon, 5_000)
      await lanes.stop()
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
