import type Stripe from 'stripe'
import type { PrismaClient } from '../generated/client.ts'

/** What each part of a run needs. */
export type BackfillContext = {
  prisma: PrismaClient
  stripe: Stripe
  livemode: boolean
  /** Settles when the next call may be made: not too many in a second, and only while it is our turn. */
  next: () => Promise<void>
  wakeProcessor: () => void
}
