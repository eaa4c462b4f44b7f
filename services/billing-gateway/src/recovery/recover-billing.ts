import type { AnyEvent } from '@spawnpoint/contracts'
import { adapter, type Transaction } from '@spawnpoint/database'
import { connectNats } from '@spawnpoint/messaging'
import { type Recovered, recover } from '@spawnpoint/operations'
import { createLogger } from '@spawnpoint/service-kit'
import { PrismaClient } from '../generated/client.ts'
import { consumers } from '../refunds/consumers.ts'
import { settleRefundRequests } from '../store/refund-requests.ts'
import { createStripe, isLivemode } from '../stripe/client.ts'
import { restoreBilling } from './restore-billing.ts'
import { restoreCharges } from './restore-charges.ts'

type Settings = {
  DATABASE_URL: string
  NATS_URL: string
  STRIPE_SECRET_KEY: string
  STRIPE_API_URL?: string | undefined
  TIME_SCALE: number
}

/**
 * Brings a database that was restored from a backup up to date, while the service is stopped: payments and subscriptions from
 * our own events, what those do not carry from Stripe, refund requests from the orders. The first backfill fills the journal
 * when the service runs again.
 */
export async function recoverBilling(env: Settings): Promise<Recovered> {
  const log = createLogger({ service: 'billing-gateway', level: 'silent' })
  const prisma = new PrismaClient({ adapter: adapter(env.DATABASE_URL) })
  const nats = connectNats({ url: env.NATS_URL, name: 'billing-gateway-recovery', log })
  const stripe = createStripe({
    secretKey: env.STRIPE_SECRET_KEY,
    apiUrl: env.STRIPE_API_URL,
    timeScale: env.TIME_SCALE,
  })
  const restored: string[] = []
  try {
    const recovered = await recover({
      prisma,
      nats,
      ownStream: 'BILLING',
      restore: async (tx: Transaction, events: AnyEvent[]) => {
        restored.push(...(await restoreBilling(tx, events)))
      },
      consumers,
      log,
    })
    await restoreCharges({ prisma, stripe, livemode: isLivemode(env.STRIPE_SECRET_KEY) }, restored)
    await settleRefundRequests(prisma)
    return recovered
  } finally {
    await nats.close()
    await prisma.$disconnect()
  }
}
