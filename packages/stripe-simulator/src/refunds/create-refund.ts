import type Stripe from 'stripe'
import { z } from 'zod'
import type { Account, Cause } from '../account.ts'
import { ApiError, invalidParam } from '../api/api-error.ts'
import { expand, integer, metadata, text } from '../api/params.ts'
import { refund as refundOf } from '../objects/refund.ts'
import type { RefundPlan } from './refund-plan.ts'
import { refundableCharge } from './refundable-charge.ts'
import { changeRefunded } from './refunded.ts'
import { updateRefund } from './update-refund.ts'

export const refundParams = z.strictObject({
  amount: integer.pipe(z.number().int().min(1)).optional(),
  charge: text.optional(),
  expand,
  metadata: metadata.optional(),
  payment_intent: text.optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
})

export type RefundRequest = Omit<z.infer<typeof refundParams>, 'expand'>

export function createRefund(account: Account, params: RefundRequest, cause: Cause): Stripe.Refund {
  const charge = refundableCharge(account, params)
  const amount = amountOf(charge, params.amount)
  const plan = account.nextRefunds.shift()
  const refund = account.refunds.save(
    refundOf({
      amount,
      charge: charge.id,
      created: account.seconds(),
      currency: charge.currency,
      metadata: params.metadata ?? {},
      payment_intent: charge.payment_intent,
      reason: params.reason ?? null,
      status: plan?.outcome === 'pending' ? 'pending' : 'succeeded',
      ...(plan?.outcome === 'pending' && { pending_reason: 'processing' as const }),
    }),
  )
  account.emit('refund.created', refund, { cause })
  changeRefunded(account, charge, amount, cause)
  if (plan) follow(account, refund.id, plan)
  return refund
}

function amountOf(charge: Stripe.Charge, asked: number | undefined) {
  const left = charge.amount - charge.amount_refunded
  const amount = asked ?? left
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
  return amount
}

function follow(account: Account, id: string, { outcome, settles, after_seconds }: RefundPlan) {
  const status = outcome === 'failed' ? 'failed' : settles
  if (status === undefined) return
  account.agenda.add(account.seconds() + after_seconds, () => {
    if (account.refunds.get(id)?.status !== 'failed') updateRefund(account, id, status)
  })
}
