import type Stripe from 'stripe'

/** The Prices of what the next invoice of a subscription charges for a change. */
export function pendingPrices(items: Stripe.InvoiceItem[], subscription: string): string[] {
  const prices = items
    .filter(({ amount, proration }) => proration && amount > 0)
    .filter(({ parent }) => parent?.subscription_details?.subscription === subscription)
    .flatMap(({ pricing }) => pricing?.price_details?.price ?? [])
  return [...new Set(prices.map((price) => (typeof price === 'string' ? price : price.id)))]
}
