import { z } from '@hono/zod-openapi'
import { disputeStatuses } from '@spawnpoint/contracts'
import { accountOf } from './money/account.ts'
import type { Order } from './order.ts'

const amount = z.number().int()
const time = z.string().nullable()

/**
 * What is known of an order's money: amounts in minor units, times in ISO 8601 UTC. `warning` is what happens next unless money
 * comes; `suspended_at` since when its money keeps its server from running; `refund_request` what is to go back by itself.
 */
export const moneySchema = z
  .object({
    paid_until: time,
    subscription_id: z.string().nullable(),
    subscription_status: z.string().nullable(),
    cancel_at: time,
    next_plan: z.string().nullable(),
    next_plan_at: time,
    suspended_at: time,
    warning: z.object({ step: z.string(), at: z.string(), reason: z.string() }).nullable(),
    dispute: z.enum(disputeStatuses).nullable(),
    fraud_warning: z.string().nullable(),
    refund_request: z
      .object({ refund_request_id: z.string(), amount, currency: z.string(), reason: z.string() })
      .nullable(),
    payments: z.array(
      z.object({
        payment_id: z.string(),
        kind: z.string(),
        status: z.string(),
        amount,
        currency: z.string(),
        refunded: amount,
        refund_pending: amount,
        dispute: z.enum(disputeStatuses).nullable(),
        paid_until: time,
      }),
    ),
  })
  .openapi('OrderMoney')

export function showMoney(order: Order): z.infer<typeof moneySchema> {
  const { paid_until, subscription_id, next_plan, next_plan_at, suspended_at, warning } = order
  const { dispute, fraudWarning: fraud_warning } = accountOf(order, Date.now())
  const { subscription, payments } = order.money
  return {
    ...{
      paid_until,
      subscription_id,
      next_plan,
      next_plan_at,
      suspended_at,
      warning,
      dispute,
      fraud_warning,
    },
    subscription_status: subscription?.status ?? null,
    cancel_at: subscription?.cancel_at ?? null,
    refund_request: order.refund_request && { ...order.refund_request, ...order.refund_request.amount },
    payments: payments.map(({ paid, payment_id, kind, status, ...payment }) => ({
      ...{ payment_id, kind, status, ...paid },
      refunded: payment.refunded,
      refund_pending: payment.refund_pending,
      dispute: payment.dispute,
      paid_until: payment.paid_until,
    })),
  }
}
