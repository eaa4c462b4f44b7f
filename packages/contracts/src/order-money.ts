import { z } from 'zod'
import { moneySchema } from './money.ts'
import { disputeStatuses, paymentSchema } from './payment.ts'
import { subscriptionSchema } from './subscription.ts'

const time = z.iso.datetime().nullable()

/** One payment, as far as an order goes by it. */
const paymentStandingSchema = z.object({
  ...paymentSchema.pick({ payment_id: true, version: true, kind: true, status: true }).shape,
  paid: moneySchema,
  refunded: z.number().int().nonnegative(),
  refund_pending: z.number().int().nonnegative(),
  dispute: z.enum(disputeStatuses).nullable(),
  fraud_warning: z.string().nullable(),
  paid_until: time,
})

/** What an order knows of its money: whatever its `billing_status`, `desired` and `paid_until` follow from. */
export const orderMoneySchema = z.object({
  payments: z.array(paymentStandingSchema),
  subscription: subscriptionSchema.nullable(),
})
export type OrderMoney = z.infer<typeof orderMoneySchema>
export type PaymentStanding = OrderMoney['payments'][number]

/** Money that is to go back to a buyer. Its id is the one that the refund at Stripe carries as `metadata.refund_request_id`. */
export const refundRequestSchema = z.object({
  refund_request_id: z.uuid(),
  payment_id: z.string().min(1).max(191),
  amount: moneySchema,
  /** A sentence for the seller. */
  reason: z.string().min(1).max(500),
})
export type RefundRequest = z.infer<typeof refundRequestSchema>

/** What happens next to an order's server unless money comes. */
export const orderWarningSchema = z.object({
  step: z.enum(['suspend', 'terminate']),
  at: z.iso.datetime(),
  reason: z.string().min(1).max(500),
})
export type OrderWarning = z.infer<typeof orderWarningSchema>
