import { isOutage, type Loop, type startMessaging } from '@spawnpoint/messaging'
import {
  addAuditRoutes,
  addCustomerRoutes,
  addDeadLetterRoutes,
  addReplayRoutes,
  auditOf,
} from '@spawnpoint/operations'
import { createHttp, type Logger, serveHttp } from '@spawnpoint/service-kit'
import type Stripe from 'stripe'
import { customerRecords } from '../customers/customer-records.ts'
import { consumers } from '../refunds/consumers.ts'
import { watchStripe } from '../stripe/watch-stripe.ts'
import type { Journal } from '../webhook/journal.ts'
import { receiveStripeWebhook } from '../webhook/receive-stripe-webhook.ts'
import { watchRefusals } from '../webhook/watch-refusals.ts'
import { auditedRoutes } from './audited-routes.ts'
import { addBackfillRoutes } from './backfill-routes.ts'
import { createHealth, type HealthOptions } from './health.ts'
import { addRefundRoutes } from './refund-routes.ts'
import { routeScopes } from './route-scopes.ts'
import { addStripeEventRoutes } from './stripe-event-routes.ts'

type Options = Omit<HealthOptions, 'stripeCheck' | 'webhooksCheck'> & {
  listen: Parameters<typeof serveHttp>[1]
  apiKeys: Parameters<typeof createHttp>[0]['apiKeys']
  webhookSecrets: string[]
  stripe: Stripe
  messaging: ReturnType<typeof startMessaging>
  journal: Journal
  refunds: Loop
  backfill: Loop
  wakeProcessor: () => void
  log: Logger
}

// Stripe follows no redirect, and it takes days until a delivery to a mistyped address is noticed.
const webhookPaths = ['/webhooks/stripe', '/webhooks/stripe/']

/** Every route of the service. */
export async function serveApi(options: Options) {
  const { stripe, prisma, nats, messaging, journal, wakeProcessor, log } = options
  const wakeRefunds = options.refunds.wake
  let stopping = false
  const watching = watchStripe({ stripe, log })
  const refusals = watchRefusals({ stripe, log })
  const { close, ...health } = createHealth({
    ...options,
    stripeCheck: watching.check,
    webhooksCheck: refusals.check,
  })
  const app = createHttp({
    service: 'billing-gateway',
    version: '0.1.0',
    apiKeys: options.apiKeys,
    routeScopes,
    // Stripe signs instead of carrying a key.
    openRoutes: webhookPaths.map((path) => `POST ${path}`),
    maxBodyBytes: 1024 * 1024,
    // The journal has a limit of its own and answers faster than any route that reads a table.
    maxInFlight: 4_096,
    isOutage,
    audit: auditOf(prisma, auditedRoutes(prisma)),
    ...health,
    isStopping: () => stopping,
    log,
  })
  app.on(
    'POST',
    webhookPaths,
    receiveStripeWebhook({ secrets: options.webhookSecrets, refusals, journal, wakeProcessor }),
  )
  addStripeEventRoutes(app, options)
  addBackfillRoutes(app, { prisma, wakeBackfill: options.backfill.wake })
  addRefundRoutes(app, { prisma, wakeRefunds })
  addCustomerRoutes(app, {
    ...{ prisma, nats, ownStream: 'BILLING' },
    records: customerRecords({ prisma }),
    wake: messaging.wake,
  })
  addAuditRoutes(app, { prisma })
  addDeadLetterRoutes(app, { prisma, consumers, wake: wakeRefunds, log })
  const replays = addReplayRoutes(app, {
    ...{ prisma, nats, consumers, wake: messaging.wake, log },
    ownStream: 'BILLING',
    show: async () => null,
  })
  const http = await serveHttp(app, options.listen)
  log.info({ port: http.port }, 'Ready')
  return {
    port: http.port,
    async stop() {
      stopping = true
      await http.stop()
      await Promise.all([replays.stop(), watching.stop(), close()])
    },
  }
}
