import { adapter } from '@spawnpoint/database'
import { connectNats, limitsOf, startConsumer, startMessaging } from '@spawnpoint/messaging'
import { createLogger, listenOf } from '@spawnpoint/service-kit'
import { serveRpc } from './api/rpc.ts'
import { serveApi } from './api/serve.ts'
import { startBackfill } from './backfill/start-backfill.ts'
import type { Env } from './env.ts'
import { PrismaClient } from './generated/client.ts'
import { startProcessing } from './process/start-processing.ts'
import { consumers } from './refunds/consumers.ts'
import { startRefunds } from './refunds/start-refunds.ts'
import { createStripe, isLivemode } from './stripe/client.ts'
import { openJournal } from './webhook/journal.ts'

/** Receives Stripe's webhooks, and publishes the payments and subscriptions that they result in. */
export async function startBillingGateway(env: Env) {
  const log = createLogger({ service: 'billing-gateway', level: env.LOG_LEVEL })
  const { TIME_SCALE: timeScale, MAX_BATCH: maxBatch, STRIPE_SECRET_KEY: secretKey } = env
  const prisma = new PrismaClient({ adapter: adapter(env.DATABASE_URL) })
  const nats = connectNats({ url: env.NATS_URL, name: 'billing-gateway', log })
  const messaging = startMessaging({
    ...{ prisma, nats, stream: 'BILLING', timeScale, log },
    limits: limitsOf(env),
    auditRetentionDays: env.AUDIT_RETENTION_DAYS,
  })
  const wakeRelay = messaging.wake
  const stripe = createStripe({ secretKey, apiUrl: env.STRIPE_API_URL, timeScale })
  const journal = openJournal({ prisma })
  const base = { prisma, stripe, livemode: isLivemode(secretKey), timeScale, log }
  const processing = startProcessing({
    ...{ ...base, maxBatch, wakeRelay, isReceiving: journal.isWriting },
    retentionDays: env.JOURNAL_RETENTION_DAYS,
  })
  const shared = { ...base, wakeProcessor: processing.wake }
  const refundSettings = { mode: env.REFUNDS, perDay: env.REFUNDS_PER_DAY }
  const refunds = startRefunds({ ...shared, ...refundSettings })
  const intervalMs = env.CATCH_UP_MINUTES === 0 ? null : env.CATCH_UP_MINUTES * 60_000 * timeScale
  const backfill = startBackfill({ ...shared, intervalMs })
  const consuming = consumers.map((consumer) =>
    startConsumer({ ...consumer, prisma, nats, wake: refunds.wake, timeScale, maxBatch, log }),
  )
  const { CHECKOUT_SUCCESS_URL: successUrl, CHECKOUT_CANCEL_URL: cancelUrl, CHECKOUT_MINUTES: minutes } = env
  const rpc = serveRpc({ ...shared, nats, wakeRelay, checkout: { successUrl, cancelUrl, minutes } })
  const api = await serveApi({
    ...{ ...shared, nats, messaging, journal, processing, refunds, refundSettings, backfill },
    ...{ listen: listenOf(env), apiKeys: env.API_KEYS, webhookSecrets: env.STRIPE_WEBHOOK_SECRET },
    ...{ databaseUrl: env.DATABASE_URL, stalledAfterMs: env.STALLED_AFTER_SECONDS * 1_000 },
  })
  return {
    port: api.port,
    log,
    async [Symbol.asyncDispose]() {
      await Promise.all([api, rpc, ...consuming].map((one) => one.stop()))
      await journal.drain()
      await Promise.all([refunds.stop(), backfill.stop()])
      await processing.stop()
      await messaging.stop()
      await nats.close()
      await prisma.$disconnect()
    },
  }
}
