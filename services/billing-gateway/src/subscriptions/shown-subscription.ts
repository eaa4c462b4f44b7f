import type { Subscription } from '@spawnpoint/contracts'
import { inTransaction, sql } from '@spawnpoint/database'
import { RequestRefused } from '@spawnpoint/messaging'
import type Stripe from 'stripe'
import { decide } from '../books/decide.ts'
import { loadBooks } from '../books/load-books.ts'
import { asOfLook } from '../books/subscription.ts'
import type { PrismaClient } from '../generated/client.ts'
import { seenObject, storeSeen } from '../store-seen.ts'
import { timeAtStripe } from '../stripe-client.ts'
import { translate } from '../translate.ts'

export type Shown = Stripe.Response<Stripe.Subscription>

/** As of when it is known here; to be read before Stripe is asked, so that what Stripe says then counts as the newer state. */
export async function knownAsOf(prisma: PrismaClient, id: string): Promise<Date> {
  const [row] = await prisma.$queryRaw<{ asOf: Date }[]>(
    sql`SELECT as_of AS asOf FROM subscription WHERE id = ${id}`,
  )
  return row?.asOf ?? new Date(0)
}

/** What Stripe has just shown, as we publish it; where that is news it also goes the road of every event. */
export async function takeShown(
  prisma: PrismaClient,
  shown: Shown,
  { asOf, livemode }: { asOf: Date; livemode: boolean },
): Promise<{ subscription: Subscription; isNews: boolean }> {
  const at = lastOfSecond(new Date(Math.max(timeAtStripe(shown.lastResponse).getTime(), asOf.getTime())))
  const type = shown.status === 'canceled' ? 'customer.subscription.deleted' : 'customer.subscription.updated'
  const seen = seenObject(shown, { type, at, livemode: shown.livemode })
  const said = translate(JSON.parse(seen.body), { livemode, lookedAt: at })
  if ('ignored' in said) throw unknown(shown.id)
  return await inTransaction(prisma, async (tx) => {
    const books = await loadBooks(tx, [said.fact])
    decide(books, said.fact, { happenedAt: at, wasLooked: false })
    const known = books.subscriptions.get(shown.id)
    if (!known) throw unknown(shown.id)
    const isNews = books.outgoing.length > 0
    if (isNews) await storeSeen(tx, [seen])
    return { subscription: known.subscription, isNews }
  })
}

// After all that was heard of this second; what comes of it later is a tie, which another look settles.
function lastOfSecond(at: Date): Date {
  return asOfLook(new Date(0), at)
}

export function unknown(id: string): RequestRefused {
  return new RequestRefused('subscription_unknown', `Subscription ${id} is none of this shop.`)
}
