import { adapter } from '@spawnpoint/database'
import { connectNats, startMessaging } from '@spawnpoint/messaging'
import { createLogger, type Logger, serveHttp } from '@spawnpoint/service-kit'
import { answerShop } from './answer-shop.ts'
import { startConsumers } from './consumers.ts'
import { drivePanels } from './drive-panels.ts'
import type { Env } from './env.ts'
import { PrismaClient } from './generated/client.ts'
import { createProvisionerHttp } from './http.ts'
import { startForgettingClaims } from './placement/forget-claims.ts'
import { answerReconciliation } from './reconciliation/answer-reconciliation.ts'
import { sharedParts } from './shared-parts.ts'

export { nextStep } from './next-step.ts'

const service = 'provisioner'
const version = '0.1.0'

export type Provisioner = AsyncDisposable & { port: number; log: Logger }

/** Orders in over NATS, servers out on the panels. */
export async function startProvisioner(env: Env): Promise<Provisioner> {
  const log = createLogger({ service, level: env.LOG_LEVEL })
  const prisma = new PrismaClient({ adapter: adapter(env.DATABASE_URL, { connectionLimit: 12 }) })
  const nats = connectNats({ url: env.NATS_URL, name: service, log })
  const messaging = startMessaging({ prisma, nats, stream: 'SERVER', timeScale: env.TIME_SCALE, log })
  const shared = sharedParts({ env, prisma, log })
  const lanes = drivePanels(shared, { env, wakeRelay: messaging.wake })
  const forgetting = startForgettingClaims(shared)
  const answering = answerShop(shared, nats)
  const mending = answerReconciliation(shared, {
    nats,
    wakeRelay: messaging.wake,
    wakeReconciler: lanes.wakeReconcilers,
  })
  const consumers = startConsumers({
    nats,
    prisma,
    wakeReconciler: lanes.wakeReconcilers,
    timeScale: env.TIME_SCALE,
    maxBatch: env.MAX_BATCH,
    log,
  })

  let stopping = false
  const parts = { nats, messaging, lanes }
  const options = { service, version, apiKeys: env.API_KEYS, isStopping: () => stopping }
  const { app, replays } = createProvisionerHttp(shared, parts, options)
  const serving = await serveHttp(app, env.PORT)
  log.info({ port: serving.port, panel: env.PANEL_URL }, 'Listening')

  return {
    port: serving.port,
    log,
    [Symbol.asyncDispose]: async () => {
      stopping = true
      await Promise.all(
        [serving, consumers, replays, answering, mending, forgetting].map((one) => one.stop()),
      )
      // What the panels have not answered by then stays unanswered; who drives it next looks first.
      const patience = setTimeout(shared.panels.abandon, 5_000)
      await lanes.stop()
      clearTimeout(patience)
      await messaging.stop()
      await nats.close()
      await prisma.$disconnect()
    },
  }
}
