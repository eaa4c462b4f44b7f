import { z } from '@hono/zod-openapi'
import { disputeStatuses } from '@spawnpoint/contracts'
import { type BillingSummary, summarizeBilling } from '../rules/billing/billing-summary.ts'
import type { Order } from '../rules/order/order.ts'

const amount = z.number().int()
const time = z.string().nullable()

/**
 * What is known of an order's money: amounts in minor units, times in ISO 8601 UTC. `warning` is what happens next unless money
 * comes; `suspended_at` since when its money keeps its server from running; `refund_request` what is to go back by itself.
 */
export const billingSchema = z
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
    /** What a person has to look into. */
    findings: z.array(z.object({ kind: z.string(), about: z.string(), finding: z.string() })),
    /** What Stripe charges for the plan by its newest paid period, in minor units; null where no invoice was read. */
    charged: z.object({ amount, currency: z.string() }).nullable(),
    /** The invoice that is open, and what its customer has to do about it. */
    open_invoice: z
      .object({
        payment_id: z.string(),
        status: z.string(),
        amount,
        amount_remaining: amount.nullable(),
        currency: z.string(),
        due_at: time,
        url: z.string().nullable(),
        /** The customer has to confirm the payment (3-D Secure) at `url`. */
        action_required: z.boolean(),
        /** A bank debit is under way. */
        processing: z.boolean(),
      })
      .nullable(),
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

export function showBilling(order: Order): z.infer<typeof billingSchema> {
  const { paid_until, subscription_id, next_plan, next_plan_at, suspended_at, warning } = order
  const summary = summarizeBilling(order, Date.now())
  const { dispute, fraudWarning: fraud_warning } = summary
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
    findings: order.money.findings ?? [],
    charged: chargedOf(summary),
    open_invoice: openInvoiceOf(summary),
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

function chargedOf({ present }: BillingSummary): { amount: number; currency: string } | null {
  const payment = present.findLast(({ plan_line }) => plan_line)
  if (!payment?.plan_line) return null
  return { amount: payment.plan_line.amount, currency: payment.paid.currency }
}

function openInvoiceOf({ payments }: BillingSummary) {
  const open = payments.findLast(
    ({ status, invoice_status }) => status !== 'succeeded' && invoice_status === 'open',
  )
  if (!open) return null
  const { payment_id, status, paid, amount_remaining = null, due_at = null, invoice_url = null } = open
  const { action_required = false, processing = false } = open
  return {
    ...{ payment_id, status, ...paid, amount_remaining, due_at, url: invoice_url },
    ...{ action_required, processing },
  }
}
