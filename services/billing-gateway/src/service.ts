import { createCheckout } from '@spawnpoint/contracts'
import { adapter } from '@spawnpoint/database'
import { answerRequests, connectNats, startLoop, startMessaging } from '@spawnpoint/messaging'
import { createLogger, serveHttp } from '@spawnpoint/service-kit'
import { createCheckoutSession } from './create-checkout.ts'
import type { Env } from './env.ts'
import { PrismaClient } from './generated/client.ts'
import { createBillingHttp } from './http.ts'
import { openJournal } from './journal.ts'
import { receiveStripeWebhook } from './receive-stripe-webhook.ts'
import { createStripe, isLivemode } from './stripe-client.ts'
import { translateStripeEvents } from './translate-stripe-events.ts'

const service = 'billing-gateway'

export async function startBillingGateway(env: Env) {
  const log = createLogger({ service, level: env.LOG_LEVEL })
  const prisma = new PrismaClient({ adapter: adapter(env.DATABASE_URL) })
  const nats = connectNats({ url: env.NATS_URL, name: service, log })
  const messaging = startMessaging({ prisma, nats, stream: 'BILLING', log })

  const translator = startLoop({
    ...translateStripeEvents({
      prisma,
      livemode: isLivemode(env.STRIPE_SECRET_KEY),
      wakeRelay: messaging.wake,
      log,
    }),
    idleMs: 500,
    onError: (err) => log.error({ err }, 'The journal could not be translated; trying again'),
  })

  answerRequests({
    nats,
    contract: createCheckout,
    handle: createCheckoutSession({
      prisma,
      stripe: createStripe({ secretKey: env.STRIPE_SECRET_KEY, apiUrl: env.STRIPE_API_URL }),
      successUrl: env.CHECKOUT_SUCCESS_URL,
      cancelUrl: env.CHECKOUT_CANCEL_URL,
    }),
    log,
  })

  const journal = openJournal({ prisma })
  const app = createBillingHttp({
    service,
    apiKeys: env.API_KEYS,
    prisma,
    nats,
    lag: messaging.lag,
    receiveStripeWebhook: receiveStripeWebhook({
      secrets: env.STRIPE_WEBHOOK_SECRET,
      journal,
      wakeTranslator: translator.wake,
    }),
    wakeTranslator: translator.wake,
    log,
  })
  const http = await serveHttp(app, env.PORT)
  log.info({ port: http.port }, 'Ready')

  return {
    port: http.port,
    log,
    async [Symbol.asyncDispose]() {
      await http.stop()
      await journal.drain()
      await translator.stop()
      await messaging.stop()
      await nats.close()
      await prisma.$disconnect()
    },
  }
}
