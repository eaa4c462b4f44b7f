import type Stripe from 'stripe'
import { z } from 'zod'
import { type Account, type Cause, must, nobody } from './account.ts'
import { ApiError, invalidParam, missing, missingParam } from './api/api-error.ts'
import { expand, integer, metadata, text } from './api/params.ts'
import { refund as refundOf } from './objects/refund.ts'

export const refundParams = z.strictObject({
  amount: integer.pipe(z.number().int().min(1)).optional(),
  charge: text.optional(),
  expand,
  metadata: metadata.optional(),
  payment_intent: text.optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
})

export function createRefund(account: Account, params: z.infer<typeof refundParams>, cause: Cause) {
  const charge = refundableCharge(account, params)
  const left = charge.amount - charge.amount_refunded
  const amount = params.amount ?? left
  if (left === 0) {
    throw new ApiError(400, `Charge ${charge.id} has already been refunded.`, {
      code: 'charge_already_refunded',
    })
  }
  if (amount > left) {
    throw invalidParam(
      `Refund amount (${amount} ${charge.currency}) is greater than unrefunded amount on charge (${left} ${charge.currency})`,
      'amount',
    )
  }
  const refund = account.refunds.save(
    refundOf({
      amount,
      charge: charge.id,
      created: account.seconds(),
      currency: charge.currency,
      metadata: params.metadata ?? {},
      payment_intent: charge.payment_intent,
      reason: params.reason ?? null,
    }),
  )
  account.emit('refund.created', refund, { cause })
  account.emit('charge.refunded', changeRefunded(account, charge, amount), {
    cause,
    previous: { amount_refunded: charge.amount_refunded, refunded: charge.refunded },
  })
  return refund
}

/** News of a refund from the bank, days later: `succeeded` brings its reference, `failed` gives the money back to the seller. */
export function updateRefund(account: Account, id: string, status: 'succeeded' | 'pending' | 'failed') {
  const before = account.refunds.get(id)
  if (!before) throw missing('refund', id)
  if (before.status === 'failed') throw new ApiError(400, `The refund ${id} has failed for good.`)
  const after = account.refunds.save({
    ...before,
    status,
    destination_details: {
      card: {
        ...(status === 'succeeded' && { reference: '74208517281720' }),
        reference_status: status === 'succeeded' ? 'available' : 'pending',
        reference_type: 'acquirer_reference_number',
        type: 'refund',
      },
      type: 'card',
    },
    ...(status === 'failed' && { failure_reason: 'expired_or_canceled_card' }),
  })
  const previous = { status: before.status }
  account.emit('refund.updated', after, { cause: nobody, previous })
  if (status !== 'failed') return after
  account.emit('refund.failed', after)
  changeRefunded(account, must(account.charges, String(after.charge)), -after.amount)
  return after
}

function refundableCharge(account: Account, { payment_intent, charge }: z.infer<typeof refundParams>) {
  if ((payment_intent === undefined) === (charge === undefined)) {
    throw new ApiError(
      400,
      'One of the following params should be provided for this request: payment_intent or charge.',
    )
  }
  const found =
    charge === undefined ? chargeOfIntent(account, payment_intent ?? '') : account.charges.get(charge)
  if (!found) throw missingParam('charge', charge ?? '', 'charge')
  if (found.status !== 'succeeded') {
    throw new ApiError(400, `Charge ${found.id} cannot be refunded: it is ${found.status}.`)
  }
  return found
}

function chargeOfIntent(account: Account, id: string) {
  const intent = account.paymentIntents.get(id)
  if (!intent) throw missingParam('payment_intent', id, 'payment_intent')
  if (intent.status === 'succeeded') return must(account.charges, String(intent.latest_charge))
  throw new ApiError(400, `This PaymentIntent (${id}) does not have a successful charge to refund.`, {
    code: 'payment_intent_unexpected_state',
    param: 'payment_intent',
  })
}

function changeRefunded(account: Account, charge: Stripe.Charge, by: number) {
  const amount_refunded = charge.amount_refunded + by
  return account.charges.save({ ...charge, amount_refunded, refunded: amount_refunded === charge.amount })
}
