import { sql } from '@spawnpoint/database'
import type { Nats, startMessaging } from '@spawnpoint/messaging'
import type { PrismaClient } from '../generated/client.ts'
import type { Processing } from '../process/start-processing.ts'
import type { RefundMode } from '../rules/refund-request.ts'
import { lastBackfill } from '../store/backfill-runs.ts'
import { countPendingLookups } from '../store/lookups.ts'
import { countRefunds } from '../store/refund-requests.ts'
import { countFailedPayments, countStripeEvents } from '../store/stripe-events.ts'
import type { Tx } from '../store/tx.ts'
import { handledEventTypes } from '../stripe/parse/parse-event.ts'

type RefundSettings = { mode: RefundMode; perDay: number }
export type HealthOptions = {
  prisma: PrismaClient
  nats: Nats
  messaging: Pick<ReturnType<typeof startMessaging>, 'streamTrouble' | 'lag'>
  processing: Pick<Processing, 'wrongMode' | 'removed'>
  refundSettings: RefundSettings
  /** Why Stripe cannot be used; null when it can. */
  stripeProblem: () => Promise<string | null>
}

const lateLookupMs = 60_000

/** What the service checks of itself: each gives the problem, or null. */
export function createHealth(options: HealthOptions) {
  const { prisma, nats, messaging, processing, refundSettings, stripeProblem } = options
  return {
    checks: {
      database: async () => {
        await prisma.$queryRaw(sql`SELECT 1`)
        return null
      },
    },
    degrading: {
      nats: async () => (nats.isConnected() ? null : 'not connected: events wait in the outbox'),
      stripe: stripeProblem,
      refunds: () => refundProblem(prisma, refundSettings),
      catch_up: () => backfillProblem(prisma),
      stream: messaging.streamTrouble,
      journal: async () => {
        const failed = await countFailedPayments(prisma, handledEventTypes)
        return failed === 0
          ? null
          : `${failed} payment events could not be processed: GET /admin/stripe-events?outcome=failed`
      },
      looks: async () => {
        const { waiting, since } = await countPendingLookups(prisma)
        const isLate = since !== null && Date.now() - Date.parse(since) > lateLookupMs
        return isLate ? `${waiting} events have waited for a Stripe lookup since ${since}` : null
      },
    },
    summary: async () => ({
      journal: {
        ...(await countStripeEvents(prisma)),
        looks: (await countPendingLookups(prisma)).waiting,
        wrong_mode: processing.wrongMode(),
        removed: processing.removed(),
      },
      catch_up: await lastBackfill(prisma),
      refunds: { mode: refundSettings.mode, ...(await countRefunds(prisma, refundSettings)) },
      ...(await messaging.lag()),
    }),
  }
}

/** What needs an operator; null when nothing does. */
async function refundProblem(db: Tx, options: RefundSettings): Promise<string | null> {
  const { waiting, capped, retrying, failed } = await countRefunds(db, options)
  const parts = [
    waiting > 0 && options.mode !== 'automatic'
      ? `${waiting} wait for \`npx spawnpoint refunds approve\``
      : '',
    capped > 0 ? `${capped} wait for tomorrow: REFUNDS_PER_DAY is ${options.perDay}` : '',
    retrying > 0 ? `${retrying} are being retried` : '',
    failed > 0 ? `${failed} failed, or came back from the bank: \`npx spawnpoint refunds list\`` : '',
  ].filter(Boolean)
  return parts.length === 0 ? null : parts.join('; ')
}

async function backfillProblem(db: Tx): Promise<string | null> {
  const { error, finished_at } = await lastBackfill(db)
  return error === null ? null : `not compared with Stripe since ${finished_at ?? 'the beginning'}: ${error}`
}
