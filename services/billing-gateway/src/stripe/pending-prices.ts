import type Stripe from 'stripe'

/** The Prices that the next invoice of a subscription charges a change for; one that a later change takes back charges nothing. */
export function pendingPrices(items: Stripe.InvoiceItem[], subscription: string): string[] {
  const sums = new Map<string, number>()
  for (const { amount, parent, pricing, proration } of items) {
    const price = pricing?.price_details?.price
    if (!proration || !price || parent?.subscription_details?.subscription !== subscription) continue
    const id = typeof price === 'string' ? price : price.id
    sums.set(id, (sums.get(id) ?? 0) + amount)
  }
  return [...sums].filter(([, sum]) => sum > 0).map(([price]) => price)
}
