import { inTransaction } from '@spawnpoint/database'
import { openLease } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type Stripe from 'stripe'
import type { PrismaClient } from '../generated/client.ts'
import { asOfLookup } from '../rules/subscription.ts'
import { storeFetched } from '../store/journal.ts'
import { completeLookup, findPendingLookups, type PendingLookup, recordFailure } from '../store/lookups.ts'
import { isRefusal } from '../stripe/errors.ts'
import { lookUp } from '../stripe/lookup.ts'
import { eventOfType } from '../stripe/object-event.ts'
import { createRateLimiter } from '../stripe/rate-limiter.ts'

type Options = {
  prisma: PrismaClient
  stripe: Stripe
  livemode: boolean
  perSecond?: number
  wakeProcessor: () => void
  log: Logger
}

const leaseMs = 60_000

/**
 * Fetches from Stripe what events leave out, one lookup at a time for each object and outside every transaction. Its result goes
 * into the journal like an event, and the events that waited for it are due again. Throws while Stripe is unavailable: they keep
 * waiting. Lookups that Stripe refused come after all others, and each round retries one of them.
 */
export function createLookups(options: Options): { tick(): Promise<number> } {
  const { prisma, perSecond = 20, log } = options
  const rateLimiter = createRateLimiter({ perSecond })
  return {
    async tick() {
      let completed = 0
      let isRefused = false
      for (const pending of await findPendingLookups(prisma)) {
        if (isRefused && pending.hasFailed) continue
        const lease = openLease(prisma, nameOf(pending.target), { leaseMs })
        if (!(await lease.hold())) continue
        await rateLimiter.take()
        try {
          await runLookup(options, pending)
          completed += 1
        } catch (error) {
          await recordFailure(prisma, pending, error)
          if (!isRefusal(error)) throw error
          isRefused = true
          log.warn({ err: error, target: pending.target }, 'Stripe refuses a lookup')
        } finally {
          await lease.release()
        }
      }
      return completed
    },
  }
}

async function runLookup(
  { prisma, stripe, livemode, wakeProcessor, log }: Options,
  { target, lastSeq, newest }: PendingLookup,
): Promise<void> {
  const { objects, stripeTime } = await lookUp(stripe, target)
  const at = asOfLookup(stripeTime, newest)
  const fetched = objects.map(({ type, object }) => eventOfType(object, { type, at, livemode }))
  await inTransaction(prisma, async (tx) => {
    await storeFetched(tx, fetched)
    await completeLookup(tx, { target, lastSeq })
  })
  log.debug({ target, found: fetched.length }, 'Stripe lookup completed')
  wakeProcessor()
}

// The column's length; Stripe's ids are shorter.
function nameOf(target: string): string {
  return target.slice(0, 64)
}
