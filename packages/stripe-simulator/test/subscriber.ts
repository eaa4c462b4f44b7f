import type Stripe from 'stripe'
import { startSeller } from './seller.ts'

export type Seller = Awaited<ReturnType<typeof startSeller>>

export const day = 86_400

type SubscribeOptions = {
  amount?: number
  currency?: string
  interval?: 'day' | 'week' | 'month' | 'year'
  quantity?: number
  trialDays?: number
  metadata?: Record<string, string>
}

/** Somebody subscribes at the payment page. */
export async function subscribe({ stripe, simulator }: Seller, options: SubscribeOptions = {}) {
  const { id } = await stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: (await priceOf(stripe, options)).id, quantity: options.quantity ?? 1 }],
    subscription_data: {
      metadata: options.metadata ?? { order_id: 'order-1' },
      ...(options.trialDays !== undefined && { trial_period_days: options.trialDays }),
    },
    success_url: 'https://shop.example.com/thanks',
  })
  const { session } = simulator.pay(id)
  const subscription = await stripe.subscriptions.retrieve(String(session.subscription))
  return { session, subscription, customer: String(session.customer), id: subscription.id }
}

export async function priceOf(
  stripe: Stripe,
  { amount = 1000, currency = 'usd', interval = 'month' }: SubscribeOptions = {},
) {
  const product = await stripe.products.create({ name: `Server for ${amount}` })
  return stripe.prices.create({
    product: product.id,
    currency,
    unit_amount: amount,
    recurring: { interval },
  })
}

export async function allEvents(stripe: Stripe, params: Stripe.EventListParams = {}) {
  const events: Stripe.Event[] = []
  for await (const event of stripe.events.list({ limit: 100, ...params })) events.unshift(event)
  return events
}

export function typesOf(events: readonly { type: string }[]) {
  return events.map(({ type }) => type)
}

export function statusesOf(events: readonly { type: string; data: { object: unknown } }[]) {
  return events
    .filter(({ type }) => type.startsWith('customer.subscription.'))
    .map(({ type, data: { object } }) => {
      const status = typeof object === 'object' && object !== null && 'status' in object ? object.status : ''
      return `${type.replace('customer.subscription.', '')} ${status}`
    })
}

/** Ten days into a period of thirty: two thirds of a price are left. `changeTo` changes to another price. */
export async function midPeriod(amount: number) {
  const seller = await startSeller({ now: () => Date.parse('2026-04-01T00:00:00Z') })
  const { id, customer, subscription } = await subscribe(seller, { amount })
  await seller.simulator.moveClock({ to: '2026-04-11T00:00:00Z' })
  const item = String(subscription.items.data[0]?.id)
  const changeTo = async (
    to: number,
    params: Stripe.SubscriptionUpdateParams = {},
    options: SubscribeOptions = {},
  ) => {
    const price = await priceOf(seller.stripe, { amount: to, ...options })
    return seller.stripe.subscriptions.update(id, { items: [{ id: item, price: price.id }], ...params })
  }
  const { stripe, simulator, [Symbol.asyncDispose]: close } = seller
  return { stripe, simulator, id, customer, item, changeTo, [Symbol.asyncDispose]: close }
}

export function pricesOf({ items }: Stripe.Subscription) {
  return items.data.map(({ price }) => price.unit_amount)
}
