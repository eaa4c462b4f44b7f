import type Stripe from 'stripe'
import { createStripeAccount, type StripeAccount } from '../src/index.ts'

type SubscribeOptions = Omit<Stripe.SubscriptionCreateParams, 'customer' | 'items'> & { amount?: number }

/** Its time begins on 1 April 2026 and moves only by hand. */
export const openAccount = () => createStripeAccount({ now: () => Date.parse('2026-04-01T00:00:00Z') })

/** Somebody subscribes to a monthly price. */
export async function subscriberIn(
  simulator: StripeAccount,
  { amount = 1000, ...params }: SubscribeOptions = {},
) {
  const stripe = simulator.client()
  const customer = await stripe.customers.create({ email: 'sam@example.com', name: 'Sam' })
  const priceOf = async (
    unit_amount: number,
    interval: 'month' | 'year' = 'month',
    params: Partial<Stripe.PriceCreateParams> = {},
  ) =>
    stripe.prices.create({
      currency: 'usd',
      unit_amount,
      recurring: { interval },
      product_data: { name: `Server for ${unit_amount}` },
      ...params,
    })
  const price = await priceOf(amount)
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    metadata: { order_id: 'order-1' },
    ...params,
  })
  const item = String(subscription.items.data[0]?.id)
  const read = () => stripe.subscriptions.retrieve(subscription.id)
  const invoices = async () =>
    (await stripe.invoices.list({ subscription: subscription.id, limit: 100 })).data
  /** Returns the events on the way. */
  const until = (date: string) => {
    const before = simulator.events().length
    simulator.advanceClock(Date.parse(date) - simulator.now())
    return simulator.events().slice(before)
  }
  return {
    simulator,
    until,
    stripe,
    customer: customer.id,
    id: subscription.id,
    item,
    subscription,
    priceOf,
    read,
    invoices,
  }
}
