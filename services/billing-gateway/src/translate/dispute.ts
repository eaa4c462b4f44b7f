import { z } from '@hono/zod-openapi'
import { stripeDisputeStatuses } from '../books/dispute.ts'
import type { Fact, Reading } from './fact.ts'
import { amount, currency, id, idOrObject } from './stripe-fields.ts'

const disputeSchema = z.object({
  id,
  object: z.literal('dispute'),
  status: z.enum(stripeDisputeStatuses),
  amount,
  currency,
  payment_intent: idOrObject,
  charge: idOrObject,
})

export function readDispute(object: unknown, { at }: Reading): Fact {
  const { id: disputeId, status, amount, currency, payment_intent, charge } = disputeSchema.parse(object)
  const link = { paymentIntentId: payment_intent, chargeId: charge }
  return { about: 'dispute', link, dispute: { disputeId, ...link, status, amount, currency, asOf: at } }
}
