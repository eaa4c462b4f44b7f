import { z } from '@hono/zod-openapi'
import type { BillingUpdate } from '../../rules/billing-update.ts'
import { stripeDisputeStatuses } from '../../rules/dispute.ts'
import { amount, currency, id, idOrObject, time } from './fields.ts'
import type { Reading } from './reading.ts'

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

export function readDispute(object: unknown, { at }: Reading): BillingUpdate {
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
