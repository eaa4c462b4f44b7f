import type { Money, Payment } from '@spawnpoint/contracts'

/**
 * Whether a payment covers the price: what Stripe charged, with the seller's own discounts added back, and without tax and
 * shipping where those came on top (tax may also be contained in the price).
 */
export function isPaidInFull(payment: Payment, price: Money): boolean {
  if (payment.paid.currency !== price.currency) return false
  if (payment.nothing_owed) return true
  const beforeDiscount = payment.paid.amount + payment.discount
  return beforeDiscount === price.amount || beforeDiscount - payment.tax - payment.shipping === price.amount
}
