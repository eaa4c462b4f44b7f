import { adapter } from '@spawnpoint/database'
import {
  addDeadLetterRoutes,
  addReplayRoutes,
  connectNats,
  startConsumer,
  startLoop,
  startMessaging,
} from '@spawnpoint/messaging'
import { createLogger, serveHttp } from '@spawnpoint/service-kit'
import { addBackfillRoutes } from './api/backfill-routes.ts'
import { consumers } from './api/consumers.ts'
import { createBillingHttp } from './api/http.ts'
import { addRefundRoutes } from './api/refund-routes.ts'
import { serveRpc } from './api/rpc.ts'
import { startBackfill } from './backfill/start-backfill.ts'
import type { Env } from './env.ts'
import { PrismaClient } from './generated/client.ts'
import { createLoadShedding } from './process/load-shedding.ts'
import { createLookups } from './process/lookups/run-lookups.ts'
import { processJournal } from './process/process-journal.ts'
import { removeProcessedEvents } from './process/remove-processed-events.ts'
import { refundProblem } from './refunds/refund-health.ts'
import { startRefunds } from './refunds/start-refunds.ts'
import { backfillProblem, lastBackfill } from './store/backfill-runs.ts'
import { countPendingLookups } from './store/lookups.ts'
import { countRefunds } from './store/refund-requests.ts'
import { countStripeEvents } from './store/stripe-events.ts'
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
  const prisma = new PrismaClient({ adapter: adapter(env.DATABASE_URL) })
  const nats = connectNats({ url: env.NATS_URL, name: service, log })
  const messaging = startMessaging({ prisma, nats, stream: 'BILLING', timeScale: env.TIME_SCALE, log })

  const stripe = createStripe({
    secretKey: env.STRIPE_SECRET_KEY,
    apiUrl: env.STRIPE_API_URL,
    timeScale: env.TIME_SCALE,
  })
  const livemode = isLivemode(env.STRIPE_SECRET_KEY)
  const journal = openJournal({ prisma })
  const journalProcessor = processJournal({
    prisma,
    livemode,
    maxBatch: env.MAX_LIST,
    shedLoad: createLoadShedding(journal.isWriting),
    wakeRelay: messaging.wake,
    wakeLookups: () => lookups.wake(),
    log,
  })
  const processor = startLoop({
    tick: journalProcessor.tick,
    idleMs: 500,
    onError: (err) => log.error({ err }, 'Processing the journal failed; retrying'),
  })
  const wakeProcessor = () => {
    journalProcessor.expect()
    processor.wake()
  }

  const removal = removeProcessedEvents({ prisma, retentionDays: env.JOURNAL_RETENTION_DAYS })
  const remover = startLoop({
    tick: removal.tick,
    idleMs: 3_600_000,
    onError: (err) => log.warn({ err }, 'Old Stripe events could not be removed; trying again later'),
  })

  const lookups = startLoop({
    ...createLookups({ prisma, stripe, livemode, wakeProcessor, log }),
    idleMs: 5_000 * env.TIME_SCALE,
    onError: (err) => log.warn({ err }, 'Stripe could not be looked at; trying again'),
  })

  const refundSettings = { mode: env.REFUNDS, perDay: env.REFUNDS_PER_DAY }
  const refunds = startRefunds({
    ...refundSettings,
    prisma,
    stripe,
    livemode,
    timeScale: env.TIME_SCALE,
    wakeProcessor,
    log,
  })
  const backfill = startBackfill({
    prisma,
    stripe,
    livemode,
    intervalMs: env.CATCH_UP_MINUTES === 0 ? null : env.CATCH_UP_MINUTES * 60_000 * env.TIME_SCALE,
    timeScale: env.TIME_SCALE,
    wakeProcessor,
    log,
  })
  const hearing = consumers.map((consumer) =>
    startConsumer({
      ...consumer,
      prisma,
      nats,
      wake: refunds.wake,
      timeScale: env.TIME_SCALE,
      maxList: env.MAX_LIST,
      log,
    }),
  )
  const answering = serveRpc({
    ...{ prisma, nats, stripe, livemode, log },
    checkout: {
      successUrl: env.CHECKOUT_SUCCESS_URL,
      cancelUrl: env.CHECKOUT_CANCEL_URL,
      minutes: env.CHECKOUT_MINUTES,
    },
    timeScale: env.TIME_SCALE,
    wakeProcessor,
    wakeRelay: messaging.wake,
  })

  let stopping = false
  const app = createBillingHttp({
    service,
    apiKeys: env.API_KEYS,
    prisma,
    nats,
    stripeProblem: watchStripeKey({ stripe, log }),
    refundProblem: () => refundProblem(prisma, refundSettings),
    backfillProblem: () => backfillProblem(prisma),
    streamTrouble: messaging.streamTrouble,
    isStopping: () => stopping,
    summary: async () => ({
      journal: {
        ...(await countStripeEvents(prisma)),
        looks: (await countPendingLookups(prisma)).waiting,
        wrong_mode: journalProcessor.wrongMode(),
        removed: removal.removed(),
      },
      catch_up: await lastBackfill(prisma),
      refunds: { mode: env.REFUNDS, ...(await countRefunds(prisma, refundSettings)) },
      ...(await messaging.lag()),
    }),
    receiveStripeWebhook: receiveStripeWebhook({
      secrets: env.STRIPE_WEBHOOK_SECRET,
      journal,
      wakeProcessor,
    }),
    wakeProcessor,
    log,
  })
  addBackfillRoutes(app, { prisma, wakeBackfill: backfill.wake })
  addRefundRoutes(app, { prisma, wakeRefunds: refunds.wake })
  addDeadLetterRoutes(app, { prisma, consumers, wake: refunds.wake, log })
  const replays = addReplayRoutes(app, {
    prisma,
    nats,
    ownStream: 'BILLING',
    consumers,
    show: async () => null,
    wake: messaging.wake,
    log,
  })
  const http = await serveHttp(app, env.PORT)
  log.info({ port: http.port }, 'Ready')

  return {
    port: http.port,
    log,
    async [Symbol.asyncDispose]() {
      stopping = true
      await Promise.all([http, answering, ...hearing].map((one) => one.stop()))
      await replays.stop()
      await journal.drain()
      await Promise.all([refunds.stop(), backfill.stop()])
      await remover.stop()
      await lookups.stop()
      await processor.stop()
      await messaging.stop()
      await nats.close()
      await prisma.$disconnect()
    },
  }
}
