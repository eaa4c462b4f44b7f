import type Stripe from 'stripe'
import { z } from 'zod'
import { type Account, must } from '../account.ts'
import { ApiError } from '../api/api-error.ts'
import { dispute as disputeOf } from '../objects/dispute.ts'
import { chargeFor } from '../refunds/refundable-charge.ts'

export const disputeRequest = z.strictObject({
  payment_intent: z.string().optional(),
  charge: z.string().optional(),
  /** An inquiry only asks; a chargeback takes the money at once. */
  kind: z.enum(['inquiry', 'chargeback']).default('chargeback'),
  /** In minor units; what is left of the charge if not told. */
  amount: z.number().int().min(1).optional(),
  reason: z
    .enum([
      'fraudulent',
      'product_not_received',
      'subscription_canceled',
      'duplicate',
      'unrecognized',
      'general',
    ])
    .default('fraudulent'),
})

/** The buyer tells their bank that they did not want to pay this. */
export function openDispute(
  account: Account,
  { kind, amount, reason, ...which }: z.infer<typeof disputeRequest>,
): Stripe.Dispute {
  const charge = chargeFor(account, which)
  if (charge.status !== 'succeeded')
    throw new ApiError(400, `Nobody can dispute a charge that is ${charge.status}.`)
  const opened = account.disputes.save(
    disputeOf({
      amount: amount ?? charge.amount - charge.amount_refunded,
      charge: charge.id,
      created: account.seconds(),
      currency: charge.currency,
      payment_intent: charge.payment_intent,
      reason,
      status: kind === 'inquiry' ? 'warning_needs_response' : 'needs_response',
    }),
  )
  account.charges.save({ ...must(account.charges, charge.id), disputed: true })
  account.emit('charge.dispute.created', opened)
  if (kind === 'chargeback') account.emit('charge.dispute.funds_withdrawn', opened)
  return opened
}
