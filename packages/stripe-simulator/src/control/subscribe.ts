import type Stripe from 'stripe'
import { z } from 'zod'
import { type Account, must, nobody } from '../account.ts'
import { createCustomer, createPrice } from '../catalogue.ts'
import { createSubscription } from '../subscriptions/create-subscription.ts'

export const interval = z.enum(['day', 'week', 'month', 'year'])
const entries = z.record(z.string(), z.string())

export const priceWish = z.strictObject({
  amount: z.number().int().min(0).default(999),
  currency: z.string().length(3).default('eur'),
  interval: interval.default('month'),
  /** On the price itself: `plan` names one of ours. */
  price_metadata: entries.default({}),
  name: z.string().default('Game server'),
})

export const subscriptionWish = priceWish.extend({
  email: z.email().default('player@example.com'),
  /** Somebody who has bought before. */
  customer: z.string().optional(),
  quantity: z.number().int().min(1).default(1),
  /** Prices in minor units of further items, such as a backup that is sold beside the server. */
  add_ons: z.array(z.number().int()).default([]),
  metadata: entries.default({}),
  trial_days: z.number().int().min(1).optional(),
  missing_payment_method: z.enum(['cancel', 'create_invoice', 'pause']).optional(),
  /** Unix seconds of the first full invoice. */
  billing_cycle_anchor: z.number().int().optional(),
  proration_behavior: z.enum(['create_prorations', 'none']).optional(),
  /** Invoices are sent, and due after so many days; nothing is charged automatically. */
  days_until_due: z.number().int().optional(),
})

export type SubscriptionWish = z.input<typeof subscriptionWish>

export function makePrice(account: Account, wish: z.infer<typeof priceWish>): Stripe.Price {
  return createPrice(
    account,
    {
      currency: wish.currency,
      metadata: wish.price_metadata,
      product_data: { name: wish.name },
      recurring: { interval: wish.interval },
      unit_amount: wish.amount,
    },
    nobody,
  )
}

/** A subscription without a payment page, made in the dashboard. */
export function subscribeDirectly(account: Account, wish: z.infer<typeof subscriptionWish>) {
  const customer = wish.customer ?? createCustomer(account, { email: wish.email }, nobody).id
  const extra = wish.add_ons.map((amount) =>
    makePrice(account, { ...wish, amount, name: 'Add-on', price_metadata: {} }),
  )
  const created = createSubscription(
    account,
    {
      billing_cycle_anchor: wish.billing_cycle_anchor,
      collection_method: wish.days_until_due === undefined ? undefined : 'send_invoice',
      customer,
      days_until_due: wish.days_until_due,
      items: [
        { price: makePrice(account, wish).id, quantity: wish.quantity },
        ...extra.map(({ id }) => ({ price: id })),
      ],
      metadata: wish.metadata,
      proration_behavior: wish.proration_behavior,
      trial_period_days: wish.trial_days,
      trial_settings: wish.missing_payment_method && {
        end_behavior: { missing_payment_method: wish.missing_payment_method },
      },
    },
    nobody,
  )
  return {
    customer,
    subscription: must(account.subscriptions, created.id),
    invoice: must(account.invoices, String(created.latest_invoice)),
  }
}
