import type Stripe from 'stripe'
import { periodEnd, subscriptionItems } from '../objects/subscription.ts'

type Item = Stripe.SubscriptionItem
type Anchored = Pick<Stripe.Subscription, 'billing_cycle_anchor'>

/** The same item a period later; its day of the month is the anchor's, even after a shorter month. */
export function renewed({ billing_cycle_anchor }: Anchored, item: Item): Item {
  const start = item.current_period_end
  return {
    ...item,
    current_period_start: start,
    current_period_end: periodEnd(start, item.price, billing_cycle_anchor),
  }
}

/** In the period that `now` is in. */
export function rolledTo(anchored: Anchored, item: Item, now: number): Item {
  return item.current_period_end > now ? item : rolledTo(anchored, renewed(anchored, item), now)
}

export function startingAt(item: Item, now: number): Item {
  return { ...item, current_period_start: now, current_period_end: periodEnd(now, item.price) }
}

export function withItems({ id }: Stripe.Subscription, items: Item[]): Pick<Stripe.Subscription, 'items'> {
  return { items: subscriptionItems(id, items) }
}

/** When the next item is to be paid. */
export function nextPeriodEnd({ items }: Stripe.Subscription) {
  return Math.min(...items.data.map((item) => item.current_period_end))
}

/** Until when everything is paid. */
export function lastPeriodEnd({ items }: Stripe.Subscription) {
  return Math.max(...items.data.map((item) => item.current_period_end))
}
