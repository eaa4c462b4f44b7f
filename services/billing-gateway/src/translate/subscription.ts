import { z } from '@hono/zod-openapi'
import { type Money, subscriptionStatuses } from '@spawnpoint/contracts'
import type { Fact, Reading, SubscriptionState } from './fact.ts'
import { clipped, isOurs, wishOf } from './our-metadata.ts'
import { currency, id, idOrObject, latest, listOf, metadata, time } from './stripe-fields.ts'

const recurringSchema = z.object({ interval: z.string(), interval_count: z.number().int().nullish() })

const itemSchema = z.object({
  quantity: z.number().int().min(0).nullish(),
  current_period_end: time,
  price: z
    .object({
      unit_amount: z.number().int().nullish(),
      currency: currency.nullish(),
      metadata,
      recurring: recurringSchema.nullish(),
    })
    .nullish(),
})

/** Both shapes: until 2025-03-31 a subscription itself had its period, since then each of its items has one. */
const subscriptionSchema = z.object({
  id,
  object: z.literal('subscription'),
  livemode: z.boolean(),
  status: z.enum(subscriptionStatuses),
  customer: idOrObject,
  metadata,
  items: listOf(itemSchema),
  current_period_end: time,
  cancel_at: time,
  cancel_at_period_end: z.boolean().nullish(),
  ended_at: time,
  pause_collection: z.object({}).nullish(),
  pending_update: z.object({}).nullish(),
})

type StripeSubscription = z.infer<typeof subscriptionSchema>
type Item = StripeSubscription['items'][number]

export function readSubscription(object: unknown, reading: Reading): Fact {
  const subscription = subscriptionSchema.parse(object)
  return {
    about: 'subscription',
    isOurs: isOurs(subscription.metadata),
    state: stateOf(subscription),
    asOf: asOf(reading),
  }
}

/**
 * Stripe's events have whole seconds. Within one of them `created` comes before every other, which the milliseconds say here;
 * an object that was looked at has milliseconds of its own.
 */
function asOf({ at, isLook, type }: Reading): Date {
  const second = Math.floor(at.getTime() / 1000) * 1000
  if (type === 'customer.subscription.created') return new Date(second)
  return new Date(isLook ? Math.max(at.getTime(), second + 2) : second + 1)
}

function stateOf(subscription: StripeSubscription): SubscriptionState {
  const { items } = subscription
  const periodEnd = latest([...items.map((item) => item.current_period_end), subscription.current_period_end])
  return {
    subscription_id: subscription.id,
    status: subscription.status,
    livemode: subscription.livemode,
    order_id: wishOf(subscription.metadata).order_id,
    stripe_customer_id: subscription.customer,
    plan: planOf(subscription),
    price: priceOf(items),
    interval: intervalOf(items),
    current_period_end: periodEnd,
    cancel_at: subscription.cancel_at ?? (subscription.cancel_at_period_end ? periodEnd : null),
    ended_at: subscription.ended_at,
    note: noteOf(subscription),
  }
}

function planOf({ items, metadata }: StripeSubscription): string | null {
  const named = items.map(({ price }) => price?.metadata.plan).find((plan) => Boolean(plan))
  return clipped(named, 191) ?? wishOf(metadata).plan
}

function priceOf(items: Item[]): Money | null {
  const currencies = new Set(items.map(({ price }) => price?.currency ?? null))
  const [only] = currencies
  const amounts = items.map(({ price, quantity }) => (price?.unit_amount ?? Number.NaN) * (quantity ?? 1))
  const amount = amounts.reduce((sum, each) => sum + each, 0)
  const isOne =
    currencies.size === 1 && only && isOneInterval(items) && Number.isSafeInteger(amount) && amount >= 0
  return isOne ? { amount, currency: only } : null
}

function intervalOf(items: Item[]): SubscriptionState['interval'] {
  const interval = items[0]?.price?.recurring?.interval
  const known = (['day', 'week', 'month', 'year'] as const).find((name) => name === interval)
  return known && isOneInterval(items) ? known : null
}

// Three months are not one: what is billed so has no interval that we could name.
function isOneInterval(items: Item[]): boolean {
  const intervals = new Set(items.map(({ price }) => price?.recurring?.interval))
  return intervals.size === 1 && items.every(({ price }) => (price?.recurring?.interval_count ?? 1) === 1)
}

function noteOf({ items, pause_collection, pending_update, status }: StripeSubscription): string | null {
  const notes = [
    items.length > 1 ? `It has ${items.length} items; the plan is of the first that names one.` : null,
    pause_collection ? 'The collection of its money is paused at Stripe.' : null,
    pending_update ? 'A change of it waits for its payment.' : null,
    status === 'paused' ? 'Stripe has paused it: no money comes until it is resumed.' : null,
  ].filter((note) => note !== null)
  return notes.length > 0 ? notes.join(' ') : null
}
