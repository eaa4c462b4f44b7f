import { adapter } from '@spawnpoint/database'
import { connectNats, startMessaging } from '@spawnpoint/messaging'
import { createLogger, type Logger, serveHttp } from '@spawnpoint/service-kit'
import { startConsumers } from './api/consumers.ts'
import { createProvisionerHttp } from './api/http.ts'
import { answerOrderService } from './api/rpc.ts'
import { startRemovingReservations } from './capacity/remove-old-reservations.ts'
import { createPanelWorkers } from './control-loop/start-panel-workers.ts'
import { createDependencies } from './dependencies.ts'
import type { Env } from './env.ts'
import { PrismaClient } from './generated/client.ts'

export { nextStep } from './rules/next-step.ts'

const service = 'provisioner'
const version = '0.1.0'

export type Provisioner = AsyncDisposable & { port: number; log: Logger }

/** Consumes orders from NATS and makes their servers on the panels. */
export async function startProvisioner(env: Env): Promise<Provisioner> {
  const log = createLogger({ service, level: env.LOG_LEVEL })
  const prisma = new PrismaClient({ adapter: adapter(env.DATABASE_URL, { connectionLimit: 12 }) })
  const nats = connectNats({ url: env.NATS_URL, name: service, log })
  const messaging = startMessaging({ prisma, nats, stream: 'SERVER', timeScale: env.TIME_SCALE, log })
  const deps = createDependencies({ env, prisma, log })
  const workers = createPanelWorkers({ ...deps, wakeRelay: messaging.wake })
  const removing = startRemovingReservations(deps)
  const parts = {
    ...deps,
    nats,
    wakeRelay: messaging.wake,
    wakeReconciler: workers.wakeReconcilers,
  }
  const answering = answerOrderService(parts)
  const consumers = startConsumers(parts)

  let stopping = false
  const options = { service, version, apiKeys: env.API_KEYS, isStopping: () => stopping }
  const { app, replays } = createProvisionerHttp(deps, { nats, messaging, workers }, options)
  const serving = await serveHttp(app, env.PORT)
  log.info({ port: serving.port, panel: env.PANEL_URL }, 'Listening')

  return {
    port: serving.port,
    log,
    [Symbol.asyncDispose]: async () => {
      stopping = true
      await Promise.all([serving, consumers, replays, answering, removing].map((one) => one.stop()))
      // What the panels have not answered by then stays unanswered: the next one to reconcile it observes first.
      const patience = setTimeout(deps.panels.abandon, 5_000)
      await workers.stop()
      clearTimeout(patience)
      await messaging.stop()
      await nats.close()
      await prisma.$disconnect()
    },
  }
}
