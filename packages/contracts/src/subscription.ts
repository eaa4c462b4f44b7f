import { z } from 'zod'
import { moneySchema } from './money.ts'

/** Stripe's own words. `incomplete`: its first payment is not through; `unpaid`, `paused`, `canceled`: no more money is asked for. */
export const subscriptionStatuses = [
  'incomplete',
  'incomplete_expired',
  'trialing',
  'active',
  'past_due',
  'unpaid',
  'paused',
  'canceled',
] as const

const time = z.iso.datetime().nullable()

export const pauseBehaviors = ['keep_as_draft', 'mark_uncollectible', 'void'] as const

/** What a subscription charges for. `amount` of one unit in minor units; null where Stripe has fractions or tiers. */
const subscriptionItemSchema = z.object({
  item: z.string().min(1).max(191),
  price: z.string().max(191).nullable(),
  /** `metadata.plan` of its price. */
  plan: z.string().max(191).nullable(),
  quantity: z.number().int().nonnegative(),
  amount: z.number().int().nonnegative().nullable(),
  currency: z
    .string()
    .regex(/^[a-z]{3}$/)
    .nullable(),
  interval: z.string().max(16).nullable(),
  interval_count: z.number().int().positive(),
  current_period_end: time,
})
export type SubscriptionItem = z.infer<typeof subscriptionItemSchema>

/** The whole state of one subscription, as the billing gateway knows it; times in ISO 8601 UTC. */
export const subscriptionSchema = z.object({
  subscription_id: z.string().min(1).max(191),
  version: z.number().int().positive(),
  status: z.enum(subscriptionStatuses),
  livemode: z.boolean(),
  /** The order it pays for; null when its first payment began the order, which is then named after the subscription. */
  order_id: z.string().max(191).nullable(),
  stripe_customer_id: z.string().max(191).nullable(),
  /** The plan that its price stands for: `metadata.plan` of the price, else of the subscription. */
  plan: z.string().max(191).nullable(),
  /** Of one period, for all it has; null where Stripe does not say it as one amount. */
  price: moneySchema.nullable(),
  interval: z.enum(['day', 'week', 'month', 'year']).nullable(),
  /** When the running period ends: the latest of its items. */
  current_period_end: time,
  /** Until when it is paid: the end of the latest period whose invoice is paid. */
  paid_until: time,
  /** Where that period begins. Not in events of before these fields were added. */
  paid_from: time.optional(),
  /** What it charges for, 40 items at most. */
  items: z.array(subscriptionItemSchema).max(40).optional(),
  /** `send_invoice`: the customer pays an invoice that has a due date. */
  collection_method: z.enum(['charge_automatically', 'send_invoice']).nullable().optional(),
  /** The seller has stopped collecting for now (`pause_collection`): nobody is late meanwhile. */
  pause_collection: z
    .object({ behavior: z.enum(pauseBehaviors).nullable(), resumes_at: time })
    .nullable()
    .optional(),
  trial_end: time.optional(),
  /** When it is to end by itself: `cancel_at`, or the end of the period with `cancel_at_period_end`; null while it is to go on. */
  cancel_at: time,
  /** `refund`: we have it end then, because its money went back, and nobody has decided about its end since. */
  ends_for: z.string().max(64).optional(),
  ended_at: time,
  /** Why Stripe ended it: `payment_failed` after its last attempt, `cancellation_requested`, `payment_disputed`. */
  ended_reason: z.string().max(191).optional(),
  /** Its newest invoice could not be collected, and Stripe gave it up. */
  uncollectible: z.boolean(),
  /** A sentence for people: why its money does not come, or what the seller has to know (such as a second item). */
  note: z.string().max(500).nullable(),
})
export type Subscription = z.infer<typeof subscriptionSchema>
