import type { Subscription } from '@spawnpoint/contracts'
import { inTransaction } from '@spawnpoint/database'
import { RequestRefused } from '@spawnpoint/messaging'
import type Stripe from 'stripe'
import type { PrismaClient } from '../generated/client.ts'
import { applyUpdate } from '../rules/apply-update.ts'
import type { BillingState } from '../rules/billing-state.ts'
import type { BillingUpdate } from '../rules/billing-update.ts'
import { asOfLookup } from '../rules/subscription.ts'
import { loadBillingState, saveBillingState } from '../store/billing-state.ts'
import { storeFetched } from '../store/journal.ts'
import { wakeWaiting } from '../store/waiting-events.ts'
import { timeAtStripe } from '../stripe/clock.ts'
import { eventFromObject } from '../stripe/object-event.ts'
import { parseFetched } from '../stripe/parse/parse-event.ts'

export type StripeSubscription = Stripe.Response<Stripe.Subscription>

export type StripeState = {
  returned: StripeSubscription | null
  /** Its invoices, the refunds and disputes of payments, and other subscriptions of the order. */
  others: (Stripe.Invoice | Stripe.Refund | Stripe.Dispute | Stripe.Subscription)[]
}
type Target = { id: string | null; asOf: Date; livemode: boolean }

/**
 * Applies what Stripe has just returned and gives it as it is published. Changes are stored in the same transaction, since the
 * replied version has to be the one that others consume, and go into the journal too.
 */
export async function recordStripeState(
  prisma: PrismaClient,
  { returned, others }: StripeState,
  { id, asOf, livemode }: Target,
): Promise<{ subscription: Subscription | null; others: Subscription[]; hasChanged: boolean }> {
  const stripeTime = returned ? timeAtStripe(returned.lastResponse).getTime() : 0
  const at = lastOfSecond(new Date(Math.max(stripeTime, asOf.getTime())))
  const read = [...others, ...(returned ? [returned] : [])].flatMap((object) => {
    const event = eventFromObject(object, { at, livemode })
    const parsed = event && parseFetched(event, livemode)
    // Without its state the result of the change is unknown.
    if (!parsed && object === returned) throw new Error(`Subscription ${returned.id} could not be parsed`)
    return parsed && 'fact' in parsed ? [{ event, update: parsed.fact }] : []
  })
  return await inTransaction(prisma, async (tx) => {
    const billing = await loadBillingState(
      tx,
      read.map(({ update }) => update),
    )
    const before = new Set(billing.payments.keys())
    const changed = read.filter(({ update }) => isChange(billing, update, at)).map(({ event }) => event)
    const known = id === null ? null : billing.subscriptions.get(id)
    if (id !== null && !known) throw notOurs(id)
    await storeFetched(tx, changed)
    // Even when nothing changed: the state is known as of now, so older events no longer apply.
    await saveBillingState(tx, billing, before)
    await wakeWaiting(tx, [...billing.links])
    return {
      subscription: known?.subscription ?? null,
      others: others.flatMap((other) => subscriptionOf(billing, other)),
      hasChanged: changed.length > 0,
    }
  })
}

function subscriptionOf(
  { subscriptions }: BillingState,
  { object, id }: StripeState['others'][number],
): Subscription[] {
  const known = object === 'subscription' ? subscriptions.get(id) : null
  return known ? [known.subscription] : []
}

// A later `asOf` alone is stored, but is not a change.
function isChange(billing: BillingState, update: BillingUpdate, happenedAt: Date): boolean {
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
