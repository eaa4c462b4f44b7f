import { z } from 'zod'
import { moneySchema } from './money.ts'

export const paymentStatuses = ['pending', 'succeeded', 'failed', 'expired'] as const

/** What a buyer's bank says against a payment. `inquiry`: it asks, and the money stays; `open`: it took the money for now. */
export const disputeStatuses = ['inquiry', 'open', 'won', 'lost'] as const

const id = z.string().max(191).nullable()
const minorUnits = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)

/** The whole state of one payment, as the billing gateway knows it. Fields that are optional are not in events of before they were added. */
export const paymentSchema = z.object({
  /**
   * Stripe's id of what was paid, whatever was heard of it first: the Checkout session (`cs_…`) of what is paid once, the
   * subscription (`sub_…`) for its first period, the invoice (`in_…`) for each later one and for a change of plan.
   */
  payment_id: z.string().min(1).max(191),
  version: z.number().int().positive(),
  status: z.enum(paymentStatuses),
  /** Of a subscription: its first period, a later one, or what a change of plan costs at once. Paid once: `first`. */
  kind: z.enum(['first', 'renewal', 'change']),
  livemode: z.boolean(),
  /** The order that the session was made for; null when the payment itself begins the order. */
  order_id: id,
  /** What Stripe charged in all (`amount_total`; an invoice's `total`). */
  paid: moneySchema,
  /** What stands between the price and `paid`, in minor units (`total_details`). */
  discount: z.number().int().nonnegative(),
  tax: z.number().int().nonnegative(),
  shipping: z.number().int().nonnegative(),
  /** True where a voucher or a trial left nothing to pay. */
  nothing_owed: z.boolean(),
  payment_intent_id: id,
  subscription_id: id,
  stripe_customer_id: id,
  /** What the session says of the buyer and, from its metadata, of the wish: only these are read when `order_id` is null. */
  customer_email: z.string().max(320).nullable(),
  customer_name: z.string().max(320).nullable(),
  plan: z.string().max(191).nullable(),
  region: z.string().max(191).nullable(),
  server_name: z.string().max(191).nullable(),
  /** A sentence for people, when it failed. */
  failure: z.string().nullable(),
  /** The Checkout session it was made in (`cs_…`); null where there was none, as for a renewal. */
  checkout_session_id: id.optional(),
  /** Until when it pays for the subscription: the latest `period.end` of its invoice's lines, ISO 8601 UTC. */
  paid_until: z.iso.datetime().nullable().optional(),
  /** While it is tried again: how often it failed, and when Stripe tries next; null when it never will. */
  attempts: z.number().int().nonnegative().optional(),
  next_attempt_at: z.iso.datetime().nullable().optional(),
  /** Of `paid`: what went back to the buyer, and what is on its way there. A refund that fails is in neither. */
  refunded: minorUnits.optional(),
  refund_pending: minorUnits.optional(),
  dispute: z.enum(disputeStatuses).nullable().optional(),
  /** Why Stripe or its bank takes it for fraud, a sentence; null while nobody does. */
  fraud_warning: z.string().max(500).nullable().optional(),
})
export type Payment = z.infer<typeof paymentSchema>
