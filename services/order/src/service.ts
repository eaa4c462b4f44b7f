import { adapter, sql } from '@spawnpoint/database'
import { connectNats, startConsumer, startMessaging } from '@spawnpoint/messaging'
import { createHttp, createLogger, type Logger, serveHttp } from '@spawnpoint/service-kit'
import { consumers } from './consumers.ts'
import type { Env } from './env.ts'
import { PrismaClient } from './generated/client.ts'
import { addRoutes } from './http.ts'

const service = 'order'

/** The seller's shop talks to this one: orders, their states and their rules. */
export async function startOrder(env: Env): Promise<AsyncDisposable & { port: number; log: Logger }> {
  const log = createLogger({ service, level: env.LOG_LEVEL })
  const prisma = new PrismaClient({ adapter: adapter(env.DATABASE_URL) })
  const nats = connectNats({ url: env.NATS_URL, name: service, log })
  const messaging = startMessaging({ prisma, nats, stream: 'ORDER', log })
  const consuming = consumers.map((consumer) =>
    startConsumer({ ...consumer, prisma, nats, wake: messaging.wake, log }),
  )
  let stopping = false
  const app = createHttp({
    service,
    version: '0.1.0',
    apiKeys: env.API_KEYS,
    openPaths: ['/plans'],
    log,
    isStopping: () => stopping,
    checks: {
      mysql: async () => {
        await prisma.$queryRaw(sql`SELECT 1`)
        return null
      },
      nats: async () => (nats.isConnected() ? null : 'NATS is away: payments cannot be heard'),
    },
    summary: () => messaging.lag(),
  })
  addRoutes(app, { prisma, nats, wake: messaging.wake, log })
  const http = await serveHttp(app, env.PORT)
  log.info({ port: http.port }, 'Listening')
  return {
    port: http.port,
    log,
    async [Symbol.asyncDispose]() {
      stopping = true
      await Promise.all([http.stop(), ...consuming.map((consumer) => consumer.stop())])
      await messaging.stop()
      await nats.close()
      await prisma.$disconnect()
    },
  }
}
