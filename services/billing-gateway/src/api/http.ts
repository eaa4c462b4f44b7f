import { isOutage } from '@spawnpoint/messaging'
import { addDeadLetterRoutes, addReplayRoutes } from '@spawnpoint/operations'
import { createHttp, type Logger } from '@spawnpoint/service-kit'
import type { Handler } from 'hono'
import { addBackfillRoutes } from './backfill-routes.ts'
import { consumers } from './consumers.ts'
import { createHealth, type HealthOptions } from './health.ts'
import { addRefundRoutes } from './refund-routes.ts'
import { addStripeEventRoutes } from './stripe-event-routes.ts'

type Options = HealthOptions & {
  service: string
  apiKeys: Map<string, string>
  isStopping: () => boolean
  receiveStripeWebhook: Handler
  wakeProcessor: () => void
  wakeBackfill: () => void
  wakeRefunds: () => void
  wakeRelay: () => void
  log: Logger
}

const webhookPath = '/webhooks/stripe'

/** Every route of the service. */
export function createBillingHttp(options: Options) {
  const { service, apiKeys, prisma, nats, isStopping, wakeRefunds, log } = options
  const app = createHttp({
    service,
    version: '0.1.0',
    apiKeys,
    // Stripe signs instead of carrying a key.
    openRoutes: [`POST ${webhookPath}`],
    maxBodyBytes: 1024 * 1024,
    // The journal has a limit of its own and answers faster than any route that reads a table.
    maxInFlight: 4_096,
    isOutage,
    ...createHealth(options),
    isStopping,
    log,
  })
  app.post(webhookPath, options.receiveStripeWebhook)
  addStripeEventRoutes(app, options)
  addBackfillRoutes(app, options)
  addRefundRoutes(app, options)
  addDeadLetterRoutes(app, { prisma, consumers, wake: wakeRefunds, log })
  const replays = addReplayRoutes(app, {
    prisma,
    nats,
    ownStream: 'BILLING',
    consumers,
    show: async () => null,
    wake: options.wakeRelay,
    log,
  })
  return { app, replays }
}
