import { z } from 'zod'
import { moneySchema } from './money.ts'
import { disputeStatuses, invoiceLineSchema, paymentSchema } from './payment.ts'
import { subscriptionSchema } from './subscription.ts'

const time = z.iso.datetime().nullable()

export const confirmedKinds = ['not_paid', 'refunded', 'disputed', 'lost'] as const

/** One payment, as far as an order goes by it. */
const paymentStateSchema = z.object({
  ...paymentSchema.pick({ payment_id: true, version: true, kind: true, status: true }).shape,
  paid: moneySchema,
  refunded: z.number().int().nonnegative(),
  refund_pending: z.number().int().nonnegative(),
  dispute: z.enum(disputeStatuses).nullable(),
  fraud_warning: z.string().nullable(),
  paid_until: time,
  /** Of a payment for a subscription; null where it is paid once. Not of payments of before these fields were added. */
  subscription_id: paymentSchema.shape.subscription_id.optional(),
  /** Of a first payment: whether it covered the price of the order. */
  in_full: z.boolean().optional(),
  ...paymentSchema.pick({
    paid_from: true,
    collected: true,
    returned: true,
    returned_amount: true,
    paid_at: true,
    unclear: true,
    disputed: true,
    disputed_at: true,
    invoice_status: true,
    due_at: true,
    amount_remaining: true,
    invoice_url: true,
    action_required: true,
    processing: true,
    trial_end: true,
  }).shape,
  /** What its invoice charges for the plan: the line of the plan's own item. */
  plan_line: invoiceLineSchema.nullable().optional(),
  /** All its lines where another one may be the plan's, which the subscription tells. */
  lines: paymentSchema.shape.lines,
  /** Of a change of plan within a period: when it changed, and the end of that period. */
  prorated_from: time.optional(),
  prorated_until: time.optional(),
  /** Of a change of plan within a period: the Prices that it charges for the rest of it. */
  prorated_prices: z.array(z.string().max(191).nullable()).max(40).optional(),
})

export const billingFindingKinds = [
  'underpaid',
  'plan_price_mismatch',
  'running_unpaid',
  'paid_and_suspended',
] as const

/** What a person has to look into: it stops nothing by itself unless the plan's policy says so. */
const billingFindingSchema = z.object({
  kind: z.enum(billingFindingKinds),
  /** Stripe's id of the payment or subscription it is about. */
  about: z.string().min(1).max(191),
  /** A sentence for the seller, with amounts as people write them. */
  finding: z.string().min(1).max(1_000),
  /** What a person may have done about it here: its charge is the price from now on, its server resumes. Else it is looked up again. */
  settled_by: z.enum(['accept_price', 'resume']).optional(),
})
export type BillingFinding = z.infer<typeof billingFindingSchema>

/** What an order knows of its money: whatever its `billing_status`, `desired` and `paid_until` follow from. */
export const orderMoneySchema = z.object({
  payments: z.array(paymentStateSchema),
  subscription: subscriptionSchema.nullable(),
  /** Subscriptions that name the order too, and that it does not go by: their money is to go back. */
  other_subscriptions: z.array(subscriptionSchema).optional(),
  /** When the billing gateway last said, asked for it, how the subscription stands. */
  asked_at: time.optional(),
  /** What is wrong with it by what Stripe reported then; each is dropped as soon as it is over. */
  confirmed: z.array(z.enum(confirmedKinds)).optional(),
  /** Among what was confirmed: that Stripe no longer tries to collect. */
  confirmed_given_up: z.boolean().optional(),
  /** Since when the dispute of what pays for the present is lost: its retention counts from then. */
  lost_since: time.optional(),
  /** Since when all that pays for the present is refunded: its retention counts from then. */
  refunded_since: time.optional(),
  findings: z.array(billingFindingSchema).optional(),
  /** What Stripe reported of a change of plan within a paid period that no invoice has charged: whether the next one is going to. */
  change_lookup: z
    .object({
      /** The Price that the subscription has by now, and the end of the period. */
      price: z.string().max(191),
      until: z.iso.datetime(),
      is_pending: z.boolean(),
      at: z.iso.datetime(),
    })
    .optional(),
  /** Its subscription ends with this period because these payments were refunded: taken back where a refund fails. */
  refund_cancellation: z
    .object({
      subscription_id: subscriptionSchema.shape.subscription_id,
      cancel_at: z.iso.datetime(),
      payment_ids: z.array(paymentSchema.shape.payment_id),
      /** The subscription says so itself (`ends_for`); else `cancel_at` tells whose end it is. */
      marked: z.boolean().optional(),
      /** Somebody has it go on all the same: it is not ended again for the refund of these payments. */
      undone: z.boolean().optional(),
    })
    .optional(),
  /** First payments that the order went by until their subscription ended: they paid for their time, and are not to go back. */
  former_payments: z.array(paymentSchema.shape.payment_id).optional(),
  /** Subscriptions of this order that Stripe reported as unknown when it was renewed, such as after a move to another account. */
  unknown_subscriptions: z.array(subscriptionSchema.shape.subscription_id).optional(),
  /** Until then a returning customer may still have paid on the page that was opened last: the server is not deleted before. */
  renewal_until: time.optional(),
  /** The subscription that an operator has set for it: it goes by this one for as long as this goes on. */
  set_subscription: subscriptionSchema.shape.subscription_id.optional(),
  /** What the seller decided about a subscription whose order never had a server: it goes on at Stripe, or is cancelled. */
  subscription_after_end: z.enum(['keep', 'cancel']).optional(),
})
export type OrderMoney = z.infer<typeof orderMoneySchema>
export type PaymentState = OrderMoney['payments'][number]

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

/** How far an order's server has come, as far as its money goes by that. */
export const deliverySchema = z.object({
  /** Its server was ready once: from then on there is something of the customer's on it. */
  delivered: z.boolean(),
  /** A person has decided that it gets its server, whatever Stripe takes its payment for. */
  released: z.boolean(),
  /** Where it could not be had. */
  tried_regions: z.array(z.string()),
  /** It goes to another region as soon as it is certain that nothing stands in the one before. */
  moving_to: z.string().nullable(),
  /** The plan of another egg for which it is agreed that the server is reinstalled, which may cost its files. */
  reinstall_for: z.string().nullable().optional(),
})
export type Delivery = z.infer<typeof deliverySchema>
