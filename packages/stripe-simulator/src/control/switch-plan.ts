import type Stripe from 'stripe'
import { z } from 'zod'
import { type Account, nobody } from '../account.ts'
import { missing } from '../api/api-error.ts'
import { updateSubscription } from '../subscriptions/update-subscription.ts'
import { interval, makePrice, priceWish } from './subscribe.ts'

export const planSwitch = z.strictObject({
  subscription: z.string(),
  /** A price that exists; else one is made of what follows. */
  price: z.string().optional(),
  /** Of the new price, in minor units. */
  amount: z.number().int().min(0).optional(),
  interval: interval.optional(),
  price_metadata: z.record(z.string(), z.string()).optional(),
  name: z.string().optional(),
  quantity: z.number().int().min(1).optional(),
  proration_behavior: z.enum(['always_invoice', 'create_prorations', 'none']).default('create_prorations'),
})

/**
 * What the customer does in the portal: the same item gets another price, and nothing but the price says which plan that
 * is. Source: docs.stripe.com/customer-management/configure-portal (proration behaviors), and the request of such an event is null.
 */
export function switchPlan(
  account: Account,
  { subscription: id, price, quantity, proration_behavior, ...params }: z.infer<typeof planSwitch>,
): Stripe.Subscription {
  const before = account.subscriptions.get(id)
  const [item] = before?.items.data ?? []
  if (!before || !item) throw missing('subscription', id)
  const wanted = priceWish.parse({
    currency: before.currency,
    interval: item.price.recurring?.interval,
    ...withoutUndefined(params),
  })
  const next = price ?? makePrice(account, wanted).id
  return updateSubscription(
    account,
    id,
    { items: [{ id: item.id, price: next, quantity }], proration_behavior },
    nobody,
  )
}

function withoutUndefined(params: object) {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined))
}
