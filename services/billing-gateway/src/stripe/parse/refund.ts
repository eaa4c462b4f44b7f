import { z } from '@hono/zod-openapi'
import type { BillingUpdate } from '../../rules/billing-update.ts'
import { refundStatuses } from '../../rules/refund.ts'
import type { ParseContext } from './context.ts'
import { amount, currency, id, idOrObject, listOf, metadata } from './fields.ts'

const refundSchema = z.object({
  id,
  object: z.literal('refund'),
  amount,
  currency,
  status: z.enum(refundStatuses),
  payment_intent: idOrObject,
  charge: idOrObject,
  metadata,
})

const chargeSchema = z.object({
  id,
  object: z.literal('charge'),
  amount_refunded: amount,
  payment_intent: idOrObject,
  refunds: listOf(refundSchema),
})

export function parseRefund(object: unknown, { at }: ParseContext): BillingUpdate {
  const refund = refundSchema.parse(object)
  const link = { paymentIntentId: refund.payment_intent, chargeId: refund.charge }
  return { about: 'refunds', link, refunds: [refundOf(refund, link, at)], claimed: null }
}

/** Since 2024-10-28 it has only the total refunded, and no longer the refunds. */
export function parseRefundedCharge(object: unknown, { at }: ParseContext): BillingUpdate {
  const { id: chargeId, payment_intent, refunds, amount_refunded } = chargeSchema.parse(object)
  const link = { paymentIntentId: payment_intent, chargeId }
  return {
    about: 'refunds',
    link,
    refunds: refunds.map((refund) => refundOf(refund, link, at)),
    claimed: amount_refunded,
  }
}

type StripeRefund = z.infer<typeof refundSchema>
type Link = { paymentIntentId: string | null; chargeId: string | null }

function refundOf(refund: StripeRefund, link: Link, asOf: Date) {
  const requestId = refund.metadata.refund_request_id ?? null
  return {
    refundId: refund.id,
    paymentIntentId: refund.payment_intent ?? link.paymentIntentId,
    chargeId: refund.charge ?? link.chargeId,
    status: refund.status,
    amount: refund.amount,
    currency: refund.currency,
    refundRequestId: requestId && requestId.length <= 36 ? requestId : null,
    asOf,
  }
}
