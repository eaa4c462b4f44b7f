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
  /** When it is to end by itself: `cancel_at`, or the end of the period with `cancel_at_period_end`; null while it is to go on. */
  cancel_at: time,
  ended_at: time,
  /** Its newest invoice could not be collected, and Stripe gave it up. */
  uncollectible: z.boolean(),
  /** A sentence for people: why its money does not come, or what the seller has to know (such as a second item). */
  note: z.string().max(500).nullable(),
})
export type Subscription = z.infer<typeof subscriptionSchema>
