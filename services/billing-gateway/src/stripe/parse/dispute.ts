import { z } from '@hono/zod-openapi'
import type { BillingUpdate } from '../../rules/billing-update.ts'
import { stripeDisputeStatuses } from '../../rules/dispute.ts'
import type { ParseContext } from './context.ts'
import { amount, currency, id, idOrObject, time } from './fields.ts'

const disputeSchema = z.object({
  id,
  object: z.literal('dispute'),
  status: z.enum(stripeDisputeStatuses),
  amount,
  currency,
  payment_intent: idOrObject,
  charge: idOrObject,
  reason: z.string().max(191).nullish(),
  created: time,
})

export function parseDispute(object: unknown, { at }: ParseContext): BillingUpdate {
  const dispute = disputeSchema.parse(object)
  const { id: disputeId, status, amount, currency, payment_intent, charge, reason, created } = dispute
  const link = { paymentIntentId: payment_intent, chargeId: charge }
  const openedAt = created === null ? at : new Date(created)
  return {
    about: 'dispute',
    link,
    dispute: { disputeId, ...link, status, amount, currency, reason: reason ?? null, openedAt, asOf: at },
  }
}
