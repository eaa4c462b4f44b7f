import { z } from 'zod'

/**
 * In what Stripe, an order and the panel do not agree, each with the one action that settles it:
 * `payment_without_order`, `payment_not_heard`, `subscription_not_heard`, `server_not_heard`, `order_not_heard`: what somebody said was lost on the way; it is said again.
 * `amount_differs`: the order goes by another amount than was paid. `paid_twice`: paid more than once for one order.
 * `paid_without_server`: paid for, and no server. `server_without_payment`: a server that nobody pays for.
 * `underpaid`: the plan costs more than is charged for it. `plan_price_mismatch`: the subscription's Price belongs to no plan or to another one.
 * `running_unpaid`: the period that is paid is over, and Stripe reports neither a payment nor a failure. `paid_and_suspended`: paid for, and suspended by hand.
 */
export const discrepancyKinds = [
  'payment_without_order',
  'payment_not_heard',
  'subscription_not_heard',
  'order_not_heard',
  'server_not_heard',
  'amount_differs',
  'paid_twice',
  'paid_without_server',
  'server_without_payment',
  'underpaid',
  'plan_price_mismatch',
  'running_unpaid',
  'paid_and_suspended',
] as const
export const discrepancyStates = ['open', 'repairing', 'ignored', 'over'] as const

/** The whole state of one difference. */
export const discrepancySchema = z.object({
  difference_id: z.uuid(),
  version: z.number().int().positive(),
  kind: z.enum(discrepancyKinds),
  /** `repairing` until a reconciliation no longer finds it: then it is `over`. */
  state: z.enum(discrepancyStates),
  order_id: z.string().max(191).nullable(),
  /** Stripe's id of the payment or subscription it is about. */
  payment_id: z.string().max(191).nullable(),
  /** What was found, in a sentence. */
  finding: z.string(),
  /** What its repair does, in a sentence. */
  repair: z.string(),
  /** Where the repair moves money or deletes something: what a person has to repeat, word for word. Null where it is safe. */
  confirmation: z.string().nullable(),
})
export type Discrepancy = z.infer<typeof discrepancySchema>
