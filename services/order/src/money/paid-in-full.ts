import type { Charge, Money } from '@spawnpoint/contracts'

/**
 * Whether a payment covers the price: what Stripe charged, with the seller's own discounts added back, and without tax and
 * shipping where those came on top (tax may also be contained in the price).
 */
export function isPaidInFull(charge: Charge, price: Money): boolean {
  if (charge.paid.currency !== price.currency) return false
  if (charge.nothing_owed) return true
  const beforeDiscount = charge.paid.amount + charge.discount
  return beforeDiscount === price.amount || beforeDiscount - charge.tax - charge.shipping === price.amount
}
