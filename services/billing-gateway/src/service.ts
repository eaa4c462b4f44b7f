import { adapter } from '@spawnpoint/database'
import { connectNats, startConsumer, startMessaging } from '@spawnpoint/messaging'
import { createLogger, serveHttp } from '@spawnpoint/service-kit'
import { consumers } from './api/consumers.ts'
import { createBillingHttp } from './api/http.ts'
import { serveRpc } from './api/rpc.ts'
import { startBackfill } from './backfill/start-backfill.ts'
import type { Env } from './env.ts'
import { PrismaClient } from './generated/client.ts'
import { startProcessing } from './process/start-processing.ts'
import { startRefunds } from './refunds/start-refunds.ts'
import { createStripe, isLivemode } from './stripe/client.ts'
import { watchStripeKey } from './stripe/watch-key.ts'
import { openJournal } from './webhook/journal.ts'
import { receiveStripeWebhook } from './webhook/receive-stripe-webhook.ts'

export { applyUpdate } from './rules/apply-update.ts'
export { type BillingState, emptyBillingState } from './rules/billing-state.ts'
export { publishedPayment } from './rules/payment.ts'
export { asOfLookup } from './rules/subscription.ts'
export { eventFromObject } from './stripe/object-event.ts'
export { handledEventTypes, parseStripeEvent } from './stripe/parse/parse-event.ts'

const service = 'billing-gateway'

export async function startBillingGateway(env: Env) {
  const log = createLogger({ service, level: env.LOG_LEVEL })
  const { TIME_SCALE: timeScale, MAX_BATCH: maxBatch, STRIPE_SECRET_KEY: secretKey } = env
  const prisma = new PrismaClient({ adapter: adapter(env.DATABASE_URL) })
  const nats = connectNats({ url: env.NATS_URL, name: service, log })
  const messaging = startMessaging({ prisma, nats, stream: 'BILLING', timeScale, log })
  const stripe = createStripe({ secretKey, apiUrl: env.STRIPE_API_URL, timeScale })
  const journal = openJournal({ prisma })
  const shared = { prisma, stripe, livemode: isLivemode(secretKey), timeScale, log }

  const processing = startProcessing({
    ...shared,
    maxBatch,
    retentionDays: env.JOURNAL_RETENTION_DAYS,
    isReceiving: journal.isWriting,
    wakeRelay: messaging.wake,
  })
  const refundSettings = { mode: env.REFUNDS, perDay: env.REFUNDS_PER_DAY }
  const wakeProcessor = processing.wake
  const refunds = startRefunds({ ...shared, ...refundSettings, wakeProcessor })
  const intervalMs = env.CATCH_UP_MINUTES === 0 ? null : env.CATCH_UP_MINUTES * 60_000 * timeScale
  const backfill = startBackfill({ ...shared, intervalMs, wakeProcessor })
  const consuming = consumers.map((consumer) =>
    startConsumer({ ...consumer, prisma, nats, wake: refunds.wake, timeScale, maxBatch, log }),
  )
  const checkout = {
    successUrl: env.CHECKOUT_SUCCESS_URL,
    cancelUrl: env.CHECKOUT_CANCEL_URL,
    minutes: env.CHECKOUT_MINUTES,
  }
  const rpc = serveRpc({ ...shared, nats, checkout, wakeProcessor, wakeRelay: messaging.wake })

  let stopping = false
  const { app, replays } = createBillingHttp({
    ...{ service, prisma, nats, messaging, processing, refundSettings, wakeProcessor, log },
    apiKeys: env.API_KEYS,
    stripeProblem: watchStripeKey({ stripe, log }),
    isStopping: () => stopping,
    receiveStripeWebhook: receiveStripeWebhook({
      secrets: env.STRIPE_WEBHOOK_SECRET,
      journal,
      wakeProcessor,
    }),
    wakeBackfill: backfill.wake,
    wakeRefunds: refunds.wake,
    wakeRelay: messaging.wake,
  })
  const http = await serveHttp(app, env.PORT)
  log.info({ port: http.port }, 'Ready')

  return {
    port: http.port,
    log,
    async [Symbol.asyncDispose]() {
      stopping = true
      await Promise.all([http, rpc, ...consuming].map((one) => one.stop()))
      await replays.stop()
      await journal.drain()
      await Promise.all([refunds.stop(), backfill.stop()])
      await processing.stop()
      await messaging.stop()
      await nats.close()
      await prisma.$disconnect()
    },
  }
}
