import { z } from '@hono/zod-openapi'
import {
  type Money,
  pauseBehaviors,
  type SubscriptionItem,
  subscriptionStatuses,
} from '@spawnpoint/contracts'
import type { BillingUpdate, SubscriptionState } from '../../rules/billing-update.ts'
import { markedEnd } from '../cancellation-mark.ts'
import type { ParseContext } from './context.ts'
import { currency, id, idOrObject, latest, metadata, time } from './fields.ts'
import { clipped, isOurs, orderFieldsOf } from './metadata.ts'

const recurringSchema = z.object({ interval: z.string(), interval_count: z.number().int().nullish() })

const itemSchema = z.object({
  id: id.nullish(),
  quantity: z.number().int().min(0).nullish(),
  current_period_end: time,
  price: z
    .object({
      id: z.string().max(191).nullish(),
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
  currency: currency.nullish().catch(null),
  metadata,
  items: z
    .object({ data: z.array(itemSchema), has_more: z.boolean().nullish() })
    .nullish()
    .transform((list) => ({ data: list?.data ?? [], isCut: list?.has_more === true })),
  trial_end: time,
  collection_method: z.enum(['charge_automatically', 'send_invoice']).nullish().catch(null),
  current_period_end: time,
  cancel_at: time,
  cancel_at_period_end: z.boolean().nullish(),
  canceled_at: time,
  ended_at: time,
  cancellation_details: z
    .object({ reason: z.string().max(191).nullish() })
    .nullish()
    .catch(null),
  pause_collection: z
    .object({ behavior: z.enum(pauseBehaviors).nullish().catch(null), resumes_at: time })
    .nullish(),
  pending_update: z.object({}).nullish(),
})

type StripeSubscription = z.infer<typeof subscriptionSchema>
type Item = StripeSubscription['items']['data'][number]

const mostItems = 40

export function parseSubscription(object: unknown, context: ParseContext): BillingUpdate {
  const subscription = subscriptionSchema.parse(object)
  return {
    about: 'subscription',
    isOurs: isOurs(subscription.metadata),
    isCut: subscription.items.isCut,
    state: stateOf(subscription),
    asOf: asOf(context),
  }
}

/**
 * Stripe's events have whole seconds. Within one second `created` comes before every other event, which the milliseconds
 * express; a fetched object has milliseconds of its own.
 */
function asOf({ at, isFetched, type }: ParseContext): Date {
  const second = Math.floor(at.getTime() / 1000) * 1000
  if (type === 'customer.subscription.created') return new Date(second)
  return new Date(isFetched ? Math.max(at.getTime(), second + 2) : second + 1)
}

function stateOf(subscription: StripeSubscription): SubscriptionState {
  const items = subscription.items.data.map((item) => inItsCurrency(item, subscription))
  const { pause_collection } = subscription
  const periodEnd = latest([...items.map((item) => item.current_period_end), subscription.current_period_end])
  return {
    subscription_id: subscription.id,
    status: subscription.status,
    livemode: subscription.livemode,
    order_id: orderFieldsOf(subscription.metadata).order_id,
    stripe_customer_id: subscription.customer,
    plan: planOf(subscription),
    price: priceOf(items),
    interval: intervalOf(items),
    items: items.slice(0, mostItems).map(itemOf),
    collection_method: subscription.collection_method ?? null,
    pause_collection: pause_collection
      ? { behavior: pause_collection.behavior ?? null, resumes_at: pause_collection.resumes_at }
      : null,
    trial_end: subscription.trial_end,
    current_period_end: periodEnd,
    cancel_at: subscription.cancel_at ?? (subscription.cancel_at_period_end ? periodEnd : null),
    ...endsFor(subscription),
    ended_at: subscription.ended_at,
    ...endedFor(subscription),
    note: noteOf(subscription),
  }
}

/**
 * A Price of several currencies shows its amount in its first one, whatever the subscription is charged in: the invoices tell that.
 * Source: docs.stripe.com/products-prices/pricing-models (multi-currency prices), `currency_options` in the SDK's types.
 */
function inItsCurrency({ price, ...item }: Item, { currency: charged }: StripeSubscription): Item {
  if (!price?.currency || !charged || price.currency === charged) return { ...item, price }
  return { ...item, price: { ...price, unit_amount: null, currency: charged } }
}

function endsFor(subscription: StripeSubscription): { ends_for?: string } {
  const { metadata, canceled_at, cancel_at, cancel_at_period_end } = subscription
  if (cancel_at === null && !cancel_at_period_end) return {}
  const because = markedEnd(metadata, canceled_at === null ? null : Date.parse(canceled_at))
  return because === null ? {} : { ends_for: because.slice(0, 64) }
}

function endedFor({ status, cancellation_details }: StripeSubscription): { ended_reason?: string } {
  const reason = cancellation_details?.reason
  return status === 'canceled' && reason ? { ended_reason: reason } : {}
}

function itemOf({ id: item, quantity, price, current_period_end }: Item, index: number): SubscriptionItem {
  const { unit_amount, recurring } = price ?? {}
  const isWhole = unit_amount != null && Number.isSafeInteger(unit_amount) && unit_amount >= 0
  return {
    item: item ?? `item-${index + 1}`,
    price: price?.id ?? null,
    plan: planOfPrice(price),
    quantity: quantity ?? 1,
    amount: isWhole ? unit_amount : null,
    currency: price?.currency ?? null,
    interval: recurring?.interval.slice(0, 16) ?? null,
    interval_count: recurring?.interval_count ?? 1,
    current_period_end,
  }
}

function planOf({ items, metadata }: StripeSubscription): string | null {
  const named = items.data.map(({ price }) => planOfPrice(price)).find((plan) => plan !== null)
  return named ?? orderFieldsOf(metadata).plan
}

function planOfPrice(price: Item['price']): string | null {
  return clipped(price?.metadata.plan?.trim(), 191)
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

// Three months are not one: such a subscription has no interval that the contract can name.
function isOneInterval(items: Item[]): boolean {
  const intervals = new Set(items.map(({ price }) => price?.recurring?.interval))
  return intervals.size === 1 && items.every(({ price }) => (price?.recurring?.interval_count ?? 1) === 1)
}

function noteOf({ items, pause_collection, pending_update, status }: StripeSubscription): string | null {
  const { length } = items.data
  const notes = [
    length > 1 ? `It has ${length} items; the plan is of the first that names one.` : null,
    pause_collection ? 'The collection of its money is paused at Stripe.' : null,
    pending_update ? 'A change of it waits for its payment.' : null,
    status === 'paused' ? 'Stripe has paused it: no money comes until it is resumed.' : null,
  ].filter((note) => note !== null)
  return notes.length > 0 ? notes.join(' ') : null
}
