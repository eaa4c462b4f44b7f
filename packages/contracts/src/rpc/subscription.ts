import { z } from 'zod'
import { moneySchema } from '../money.ts'
import { paymentSchema } from '../payment.ts'
import { subscriptionSchema } from '../subscription.ts'

const subscriptionId = z.string().min(1).max(191)
const reply = z.object({ subscription: subscriptionSchema })
const when = z.enum(['now', 'period_end'])

/**
 * Asked of the billing gateway by NATS request/reply: the subscription as Stripe has it at this moment. What is new of it is
 * also said as events. Refused with `stripe_unavailable`, `subscription_unknown` (Stripe has none of this id), `subscription_not_ours`.
 */
export const readSubscription = {
  subject: 'rpc.billing-gateway.read-subscription',
  request: z.object({ subscription_id: subscriptionId }),
  reply,
} as const

/**
 * Asked of the billing gateway by NATS request/reply, before anything is done that cannot be undone: what Stripe reports at this
 * moment about a subscription, its invoices, and the refunds and disputes of these payments. What is new is published as events
 * too. Refused with `stripe_unavailable`, `subscription_unknown` (Stripe has none of this id), `subscription_not_ours`.
 */
export const readBilling = {
  subject: 'rpc.billing-gateway.read-money',
  request: z.object({
    subscription_id: subscriptionId.nullable(),
    payment_ids: z.array(z.string().min(1).max(191)).max(50),
    /** Also which prorations of the subscription wait for its next invoice. */
    with_pending: z.boolean().optional(),
    /** Also the other subscriptions of the customer that name the same order. */
    with_others: z.boolean().optional(),
  }),
  reply: z.object({
    subscription: subscriptionSchema.nullable(),
    payments: z.array(paymentSchema).max(200),
    /** The Prices of these that charge something; absent where that was not asked for. */
    pending_prices: z.array(z.string().max(191)).max(250).optional(),
    /** Those that have not ended; their payments are published as events. Absent where that was not asked for. */
    other_subscriptions: z.array(subscriptionSchema).max(20).optional(),
  }),
} as const

/**
 * Asked of the billing gateway by NATS request/reply: changes the subscription at Stripe. Asking again under the same
 * `request_id` changes nothing more. Refused with `stripe_unavailable`, `stripe_refused`, `subscription_unknown`, `subscription_over`.
 */
export const changeSubscription = {
  subject: 'rpc.billing-gateway.change-subscription',
  request: z.object({
    request_id: z.string().min(1).max(191),
    subscription_id: subscriptionId,
    change: z.discriminatedUnion('do', [
      z.object({
        do: z.literal('change-plan'),
        plan: z.string().min(1).max(191),
        product_name: z.string().min(1).max(250),
        price: moneySchema,
        interval: z.enum(['month', 'year']),
        /** `now`: the difference is invoiced at once, and only what is paid counts. `period_end`: from the next period on. */
        when,
      }),
      /** `because`: our own decision, which may be taken back; of a customer's or a seller's it is left out. */
      z.object({ do: z.literal('cancel'), when, because: z.literal('refund').optional() }),
      /** Takes back a cancellation at the end of the period. */
      z.object({ do: z.literal('keep') }),
    ]),
  }),
  reply,
} as const

export type ChangeSubscription = z.infer<typeof changeSubscription.request>

/**
 * Asked of the billing gateway by NATS request/reply, for an operator who says which subscription pays for an order: whatever its
 * metadata, it is of this order from now on. The gateway writes `order_id` into its metadata at Stripe and answers with what Stripe
 * reports of it, its invoices included. Asking again changes nothing more. Refused with `stripe_unavailable`, `stripe_refused`,
 * `subscription_unknown` (Stripe has none of this id), `subscription_over`, `subscription_of_another_order`.
 */
export const adoptSubscription = {
  subject: 'rpc.billing-gateway.adopt-subscription',
  request: z.object({ subscription_id: subscriptionId, order_id: z.string().min(1).max(191) }),
  reply: z.object({ subscription: subscriptionSchema, payments: z.array(paymentSchema).max(200) }),
} as const
export type AdoptSubscription = z.infer<typeof adoptSubscription.request>
