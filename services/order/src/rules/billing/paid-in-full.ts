import type { Charge, Money } from '@spawnpoint/contracts'

/**
 * Whether a payment covers the price: what Stripe charged, with the seller's own discounts added back, and without tax and
 * shipping where those came on top (tax may also be contained in the price). Where nothing was owed, a discount or a trial has to
 * account for the whole price.
 */
export function isPaidInFull(charge: Charge, price: Money): boolean {
  if (charge.paid.currency !== price.currency) return false
  if (charge.nothing_owed && charge.trial_end) return true
  const beforeDiscount = charge.paid.amount + charge.discount
  if (charge.nothing_owed && beforeDiscount >= price.amount) return true
  return beforeDiscount === price.amount || beforeDiscount - charge.tax - charge.shipping === price.amount
}
