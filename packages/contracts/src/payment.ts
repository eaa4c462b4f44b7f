import { z } from 'zod'
import { moneySchema } from './money.ts'

export const paymentStatuses = ['pending', 'succeeded', 'failed', 'expired'] as const

/** The whole state of one payment, as the billing gateway knows it. */
export const paymentSchema = z.object({
  /** Stripe's id of what was paid: a Checkout session (`cs_…`). */
  payment_id: z.string().min(1).max(191),
  version: z.number().int().positive(),
  status: z.enum(paymentStatuses),
  kind: z.enum(['first', 'renewal', 'change']),
  livemode: z.boolean(),
  /** The order that the session was made for; null when the payment itself begins the order. */
  order_id: z.string().max(191).nullable(),
  /** What Stripe charged in all (`amount_total`). */
  paid: moneySchema,
  /** What stands between the price and `paid`, in minor units (`total_details`). */
  discount: z.number().int().nonnegative(),
  tax: z.number().int().nonnegative(),
  shipping: z.number().int().nonnegative(),
  /** True for `no_payment_required`: a voucher or a trial left nothing to pay. */
  nothing_owed: z.boolean(),
  payment_intent_id: z.string().max(191).nullable(),
  subscription_id: z.string().max(191).nullable(),
  stripe_customer_id: z.string().max(191).nullable(),
  /** What the session says of the buyer and, from its metadata, of the wish: only these are read when `order_id` is null. */
  customer_email: z.string().max(320).nullable(),
  customer_name: z.string().max(320).nullable(),
  plan: z.string().max(191).nullable(),
  region: z.string().max(191).nullable(),
  server_name: z.string().max(191).nullable(),
  /** A sentence for people, when it failed. */
  failure: z.string().nullable(),
})
export type Payment = z.infer<typeof paymentSchema>
