import { adapter } from '@spawnpoint/database'
import { connectNats, limitsOf, startMessaging } from '@spawnpoint/messaging'
import { createLogger, type Logger, listenOf } from '@spawnpoint/service-kit'
import { startConsumers } from './api/consumers.ts'
import { answerOrderService } from './api/rpc.ts'
import { serveApi } from './api/serve.ts'
import { startRemovingReservations } from './capacity/remove-old-reservations.ts'
import { monitorUnpaidCapacity } from './capacity/unpaid-capacity.ts'
import { createPanelWorkers } from './control-loop/start-panel-workers.ts'
import { type Env, settingsOf } from './env.ts'
import { PrismaClient } from './generated/client.ts'
import { createPanels } from './panels/panels.ts'
import { createSend } from './pterodactyl/send.ts'
import { bindSecrets } from './store/secrets.ts'

export type Provisioner = AsyncDisposable & { port: number; log: Logger }

/** Consumes orders from NATS and makes their servers on the panels. */
export async function startProvisioner(env: Env): Promise<Provisioner> {
  const log = createLogger({ service: 'provisioner', level: env.LOG_LEVEL })
  const prisma = new PrismaClient({ adapter: adapter(env.DATABASE_URL, { connectionLimit: 12 }) })
  const nats = connectNats({ url: env.NATS_URL, name: 'provisioner', log })
  const messaging = startMessaging({
    ...{ prisma, nats, stream: 'SERVER', timeScale: env.TIME_SCALE, log },
    limits: limitsOf(env),
    auditRetentionDays: env.AUDIT_RETENTION_DAYS,
  })
  const settings = settingsOf(env)
  const send = createSend(settings)
  const panels = createPanels({ ...settings, prisma, send })
  const unpaid = monitorUnpaidCapacity({ prisma, share: env.UNPAID_CAPACITY_SHARE })
  const deps = { ...settings, prisma, send, panels, unpaid, log }
  const workers = createPanelWorkers({ ...deps, wakeRelay: messaging.wake })
  const removing = startRemovingReservations(deps)
  const parts = { ...deps, nats, wakeRelay: messaging.wake, wakeReconciler: workers.wakeReconcilers }
  const answering = answerOrderService(parts)
  bindSecrets(deps).catch((error) =>
    log.warn({ err: error }, 'Secrets of an earlier version: `npx spawnpoint secrets rotate`'),
  )
  const consumers = startConsumers(parts)
  const api = await serveApi({
    ...deps,
    nats,
    messaging,
    workers,
    listen: listenOf(env),
    apiKeys: env.API_KEYS,
    databaseUrl: env.DATABASE_URL,
    stalledAfterMs: env.STALLED_AFTER_SECONDS * 1_000,
  })
  return {
    port: api.port,
    log,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([api, consumers, answering, removing].map((one) => one.stop()))
      // What the panels have not answered by then stays unanswered: the next one to reconcile it observes first.
      const patience = setTimeout(panels.abandon, 5_000)
      await workers.stop()
      clearTimeout(patience)
      await messaging.stop()
      await nats.close()
      await prisma.$disconnect()
    },
  }
}
