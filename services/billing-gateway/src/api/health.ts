import { describeAge, type Nats, openHealth, type startMessaging } from '@spawnpoint/messaging'
import type { Check } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import type { Processing } from '../process/start-processing.ts'
import { consumers } from '../refunds/consumers.ts'
import { missedWebhooks } from '../rules/missed-webhooks.ts'
import type { RefundMode } from '../rules/refund-request.ts'
import { lastBackfill } from '../store/backfill-runs.ts'
import { countPendingLookups } from '../store/lookups.ts'
import { countRefunds } from '../store/refund-requests.ts'
import { countStripeEvents, failedPayments, longestDue, newestJournalRows } from '../store/stripe-events.ts'
import type { Tx } from '../store/tx.ts'
import { handledEventTypes } from '../stripe/parse/parse-event.ts'

type RefundSettings = { mode: RefundMode; perDay: number }
export type HealthOptions = {
  prisma: PrismaClient
  databaseUrl: string
  nats: Nats
  messaging: Pick<ReturnType<typeof startMessaging>, 'streamCheck' | 'lag'>
  processing: Pick<Processing, 'wrongMode' | 'removed'>
  refundSettings: RefundSettings
  stalledAfterMs: number
  /** Whether Stripe can be used. */
  stripeCheck: Check
  /** Whether deliveries of webhooks are refused. */
  webhooksCheck: Check
}

const lateLookupMs = 30_000

/** What the service checks of itself. */
export function createHealth(options: HealthOptions) {
  const { prisma, messaging, processing, refundSettings, stripeCheck, webhooksCheck } = options
  const { database, nats, degrading, close } = openHealth({
    ...options,
    ...{ service: 'billing-gateway', stream: 'BILLING', streamCheck: messaging.streamCheck, consumers },
  })
  return {
    checks: { database },
    degrading: {
      nats: nats('webhooks are stored, and events wait in the outbox'),
      ...degrading,
      stripe: stripeCheck,
      webhooks: webhooksCheck,
      missed_webhooks: watchMissedWebhooks(options),
      journal: watchJournal(options),
      looks: watchLookups(prisma),
      catch_up: watchBackfill(prisma),
      refunds: watchRefunds(prisma, refundSettings),
    },
    summary: async () => ({
      journal: {
        ...(await countStripeEvents(prisma)),
        looks: (await countPendingLookups(prisma)).waiting,
        wrong_mode: processing.wrongMode(),
        removed: processing.removed(),
      },
      catch_up: await lastBackfill(prisma),
      refunds: { mode: refundSettings.mode, ...(await refundCounts(prisma, refundSettings)) },
      ...(await messaging.lag()),
    }),
    close,
  }
}

function watchMissedWebhooks({ prisma, stalledAfterMs }: HealthOptions): Check {
  // Whole seconds, as Stripe dates its events.
  const startedAt = new Date(Math.ceil(Date.now() / 1_000) * 1_000)
  return {
    find: async () => {
      const rows = await newestJournalRows(prisma)
      const missed = missedWebhooks(rows, { startedAt, now: new Date(), patienceMs: stalledAfterMs })
      if (missed === null) return null
      const types = missed.types.slice(0, 5).join(', ') + (missed.types.length > 5 ? ' …' : '')
      return `Webhooks do not arrive: ${missed.count} events since ${missed.oldest.toISOString()} came only by catching up (${types})`
    },
    mend: "at Stripe, Developers, Webhooks, see that an enabled endpoint leads to this service's POST /webhooks/stripe and sends these types, and what its last deliveries were answered",
  }
}

function watchJournal({ prisma, stalledAfterMs }: HealthOptions): Check {
  return {
    find: async () => {
      const failed = await failedPayments(prisma, handledEventTypes)
      if (failed) {
        const { eventId, receivedAt, error } = failed.oldest
        return {
          problem: `${failed.count} payment events could not be processed, the oldest ${eventId} for ${ageOf(receivedAt)} (${error?.slice(0, 160) ?? 'no reason'})`,
          mend: `GET /admin/stripe-events?outcome=failed; correct the cause or update the service, then POST /admin/stripe-events/${eventId}/retry`,
        }
      }
      const due = await longestDue(prisma)
      if (due === null || due.seconds * 1_000 < stalledAfterMs) return null
      return `Stripe's events are stored and not processed: ${due.type} has been due for ${describeAge(due.seconds)}`
    },
    mend: "see this service's log (Processing the journal failed), and SHOW PROCESSLIST for who locks its rows; restart the service where nothing is logged",
  }
}

function watchLookups(db: Tx): Check {
  return {
    find: async () => {
      const { waiting, since, error } = await countPendingLookups(db)
      if (since === null) return null
      if (error !== null)
        return `Stripe refuses a lookup that ${waiting} events wait for, for ${ageOf(since)} (${error.slice(0, 160)})`
      if (Date.now() - since.getTime() <= lateLookupMs) return null
      return `${waiting} events have waited for a Stripe lookup for ${ageOf(since)}`
    },
    mend: 'see what Stripe answers: GET /admin/stripe-events?outcome=waiting; give the key its permissions, or wait for Stripe (https://status.stripe.com)',
  }
}

/** What needs an operator. */
function watchRefunds(db: Tx, settings: RefundSettings): Check {
  return {
    find: async () => {
      const { waiting, capped, retrying, failed, oldest } = await countRefunds(db, settings)
      const parts = [
        waiting > 0 && settings.mode !== 'automatic'
          ? `${waiting} wait for \`npx spawnpoint refunds approve\``
          : '',
        capped > 0 ? `${capped} wait for tomorrow: REFUNDS_PER_DAY is ${settings.perDay}` : '',
        retrying > 0 ? `${retrying} are being retried` : '',
        failed > 0 ? `${failed} failed, or came back from the bank` : '',
      ].filter(Boolean)
      if (parts.length === 0) return null
      const since = oldest ? `, the oldest for ${ageOf(oldest)}` : ''
      return `Refunds: ${parts.join('; ')}${since}`
    },
    mend: 'npx spawnpoint refunds list, then npx spawnpoint refunds approve ID or refuse ID --reason …',
  }
}

async function refundCounts(db: Tx, settings: RefundSettings) {
  const { oldest: _, ...counts } = await countRefunds(db, settings)
  return counts
}

function watchBackfill(db: Tx): Check {
  return {
    find: async () => {
      const { error, finished_at } = await lastBackfill(db)
      return error === null
        ? null
        : `Not compared with Stripe since ${finished_at ?? 'the beginning'}: ${error.slice(0, 200)}`
    },
    mend: 'correct what it names, then npx spawnpoint catch-up',
  }
}

function ageOf(since: Date): string {
  return describeAge(Math.max(0, (Date.now() - since.getTime()) / 1_000))
}
