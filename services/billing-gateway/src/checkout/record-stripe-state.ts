import type { Subscription } from '@spawnpoint/contracts'
import { inTransaction } from '@spawnpoint/database'
import { RequestRefused } from '@spawnpoint/messaging'
import type Stripe from 'stripe'
import type { PrismaClient } from '../generated/client.ts'
import { applyUpdate } from '../rules/apply-update.ts'
import type { BillingState } from '../rules/billing-state.ts'
import type { BillingUpdate } from '../rules/billing-update.ts'
import { asOfLookup } from '../rules/subscription.ts'
import { storeFetched } from '../store/journal.ts'
import { loadBillingState } from '../store/load-billing-state.ts'
import { saveBillingState } from '../store/save-billing-state.ts'
import { wakeWaiting } from '../store/waiting-events.ts'
import { timeAtStripe } from '../stripe/clock.ts'
import { eventFromObject } from '../stripe/object-event.ts'
import { parseFetched } from '../stripe/parse/parse-event.ts'

export type StripeSubscription = Stripe.Response<Stripe.Subscription>

type Looked = {
  shown: StripeSubscription | null
  /** Its invoices, and the refunds and disputes of payments. */
  others: (Stripe.Invoice | Stripe.Refund | Stripe.Dispute)[]
}
type Asked = { id: string | null; asOf: Date; livemode: boolean }

/**
 * Applies what Stripe has just returned and gives it as it is published. Changes are stored in the same transaction, since the
 * replied version has to be the one that others consume, and go into the journal too.
 */
export async function recordStripeState(
  prisma: PrismaClient,
  { shown, others }: Looked,
  { id, asOf, livemode }: Asked,
): Promise<{ subscription: Subscription | null; isNews: boolean }> {
  const stripeTime = shown ? timeAtStripe(shown.lastResponse).getTime() : 0
  const at = lastOfSecond(new Date(Math.max(stripeTime, asOf.getTime())))
  const read = [...others, ...(shown ? [shown] : [])].flatMap((object) => {
    const event = eventFromObject(object, { at, livemode })
    const parsed = event && parseFetched(event, livemode)
    // Without its state the result of the change is unknown.
    if (!parsed && object === shown) throw new Error(`Subscription ${shown.id} could not be parsed`)
    return parsed && 'fact' in parsed ? [{ event, update: parsed.fact }] : []
  })
  return await inTransaction(prisma, async (tx) => {
    const billing = await loadBillingState(
      tx,
      read.map(({ update }) => update),
    )
    const before = new Set(billing.payments.keys())
    const news = read.filter(({ update }) => changes(billing, update, at)).map(({ event }) => event)
    const known = id === null ? null : billing.subscriptions.get(id)
    if (id !== null && !known) throw notOurs(id)
    await storeFetched(tx, news)
    // Even when nothing changed: the state is known as of now, so older events no longer apply.
    await saveBillingState(tx, billing, before)
    await wakeWaiting(tx, [...billing.links])
    return { subscription: known?.subscription ?? null, isNews: news.length > 0 }
  })
}

// A later `asOf` alone is stored, but is not a change.
function changes(billing: BillingState, update: BillingUpdate, happenedAt: Date): boolean {
  const eventsBefore = billing.outgoing.length
  const { outcome } = applyUpdate(billing, update, { happenedAt, wasLooked: true })
  return outcome === 'done' && (update.about !== 'subscription' || billing.outgoing.length > eventsBefore)
}

// After all events of this second; a later event of the same second is a tie, which a lookup settles.
function lastOfSecond(at: Date): Date {
  return asOfLookup(new Date(0), at)
}

/** Stripe has no subscription of this id. */
export function unknown(id: string): RequestRefused {
  return new RequestRefused('subscription_unknown', `Stripe has no subscription ${id} on this account.`)
}

function notOurs(id: string): RequestRefused {
  return new RequestRefused('subscription_not_ours', `Subscription ${id} does not belong to this shop.`)
}
