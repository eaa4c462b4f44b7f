import type Stripe from 'stripe'
import { type Account, type Cause, must, nobody } from '../account.ts'
import { ApiError, missing } from '../api/api-error.ts'
import { newId } from '../ids.ts'
import { chargeFor } from '../refunds/refundable-charge.ts'

type Which = { payment_intent?: string | undefined; charge?: string | undefined }

/** Somebody is to look at a payment that has gone through. */
export function openReview(account: Account, which: Which): Stripe.Review {
  const charge = chargeFor(account, which)
  const intent = charge.payment_intent
  const review = account.reviews.save({
    id: newId('prv'),
    object: 'review',
    billing_zip: null,
    charge: charge.id,
    closed_reason: null,
    created: account.seconds(),
    ip_address: null,
    ip_address_location: null,
    livemode: false,
    open: true,
    opened_reason: 'rule',
    ...(typeof intent === 'string' && { payment_intent: intent }),
    reason: 'rule',
    session: null,
  })
  setReview(account, review, review.id)
  account.emit('review.opened', review)
  return review
}

export const closedReasons = ['approved', 'refunded', 'refunded_as_fraud', 'disputed', 'canceled'] as const

export function closeReview(
  account: Account,
  id: string,
  reason: (typeof closedReasons)[number],
  cause: Cause = nobody,
): Stripe.Review {
  const before = account.reviews.get(id)
  if (!before) throw missing('review', id)
  if (!before.open) throw new ApiError(400, `The review ${id} is closed already.`)
  const closed = account.reviews.save({ ...before, closed_reason: reason, open: false, reason })
  setReview(account, closed, null)
  account.emit('review.closed', closed, { cause })
  return closed
}

function setReview(account: Account, { charge, payment_intent }: Stripe.Review, review: string | null) {
  account.charges.save({ ...must(account.charges, String(charge)), review })
  const intent = account.paymentIntents.get(String(payment_intent))
  if (intent) account.paymentIntents.save({ ...intent, review })
}
