import { inTransaction } from '@spawnpoint/database'
import { openLease } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type Stripe from 'stripe'
import type { PrismaClient } from '../../generated/client.ts'
import { asOfLook } from '../../rules/subscription.ts'
import { storeSeen } from '../../store/journal.ts'
import { completeLookup, findWanted, noteTrouble, type PendingLookup } from '../../store/lookups.ts'
import { isRefusal } from '../../stripe/errors.ts'
import { askStripe } from '../../stripe/lookup.ts'
import { seenObject } from '../../stripe/object-event.ts'
import { openBudget } from '../../stripe/rate-limiter.ts'

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
 * Asks Stripe what events could not say, one look at a time for each object and outside every transaction. What it shows goes
 * into the journal like an event, and those that waited are due again. Throws while Stripe is away: they go on waiting. What
 * Stripe refuses to show waits behind all others, and one of it is asked for again in each round.
 */
export function lookAtStripe(options: Options): { tick(): Promise<number> } {
  const { prisma, perSecond = 20, log } = options
  const budget = openBudget({ perSecond })
  return {
    async tick() {
      let looked = 0
      let isRefused = false
      for (const wanted of await findWanted(prisma)) {
        if (isRefused && wanted.wasInTrouble) continue
        const lease = openLease(prisma, nameOf(wanted.target), { leaseMs })
        if (!(await lease.hold())) continue
        await budget.take()
        try {
          await look(options, wanted)
          looked += 1
        } catch (error) {
          await noteTrouble(prisma, wanted, error)
          if (!isRefusal(error)) throw error
          isRefused = true
          log.warn({ err: error, target: wanted.target }, 'Stripe does not show what has to be looked at')
        } finally {
          await lease.release()
        }
      }
      return looked
    },
  }
}

async function look(
  { prisma, stripe, livemode, wakeProcessor, log }: Options,
  { target, lastSeq, newest }: PendingLookup,
): Promise<void> {
  const { objects, stripeTime } = await askStripe(stripe, target)
  const at = asOfLook(stripeTime, newest)
  const seen = objects.map(({ type, object }) => seenObject(object, { type, at, livemode }))
  await inTransaction(prisma, async (tx) => {
    await storeSeen(tx, seen)
    await completeLookup(tx, { target, lastSeq })
  })
  log.debug({ target, found: seen.length }, 'Stripe was looked at')
  wakeProcessor()
}

// The column's length; Stripe's ids are shorter.
function nameOf(target: string): string {
  return target.slice(0, 64)
}
