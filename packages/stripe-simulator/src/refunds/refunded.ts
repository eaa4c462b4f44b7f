import type Stripe from 'stripe'
import { type Account, type Cause, must } from '../account.ts'

/** More of a charge has gone back. */
export function changeRefunded(account: Account, charge: Stripe.Charge, by: number, cause: Cause) {
  const after = withRefunded(charge, by)
  account.charges.save(after)
  account.emit('charge.refunded', after, {
    cause,
    previous: { amount_refunded: charge.amount_refunded, refunded: charge.refunded },
  })
}

/** A failed refund's money is the seller's again. Stripe has no event of the charge for this: `refund.failed` is all there is. */
export function revertRefunded(account: Account, { charge, amount }: Stripe.Refund) {
  account.charges.save(withRefunded(must(account.charges, String(charge)), -amount))
}

function withRefunded(charge: Stripe.Charge, by: number): Stripe.Charge {
  const amount_refunded = charge.amount_refunded + by
  return { ...charge, amount_refunded, refunded: amount_refunded === charge.amount }
}
