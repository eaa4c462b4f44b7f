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

export function makePrice(account: Account, params: z.infer<typeof priceWish>): Stripe.Price {
  return createPrice(
    account,
    {
      currency: params.currency,
      metadata: params.price_metadata,
      product_data: { name: params.name },
      recurring: { interval: params.interval },
      unit_amount: params.amount,
    },
    nobody,
  )
}

/** A subscription without a payment page, made in the dashboard. */
export function subscribeDirectly(account: Account, params: z.infer<typeof subscriptionWish>) {
  const customer = params.customer ?? createCustomer(account, { email: params.email }, nobody).id
  const extra = params.add_ons.map((amount) =>
    makePrice(account, { ...params, amount, name: 'Add-on', price_metadata: {} }),
  )
  const created = createSubscription(
    account,
    {
      billing_cycle_anchor: params.billing_cycle_anchor,
      collection_method: params.days_until_due === undefined ? undefined : 'send_invoice',
      customer,
      days_until_due: params.days_until_due,
      items: [
        { price: makePrice(account, params).id, quantity: params.quantity },
        ...extra.map(({ id }) => ({ price: id })),
      ],
      metadata: params.metadata,
      proration_behavior: params.proration_behavior,
      trial_period_days: params.trial_days,
      trial_settings: params.missing_payment_method && {
        end_behavior: { missing_payment_method: params.missing_payment_method },
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
