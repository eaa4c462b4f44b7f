import { z } from 'zod'

/** What is to become of a refund that does not simply succeed; set before it is made. */
export const refundPlan = z.strictObject({
  /** `pending` until settled by hand, or until `settles`; `failed` begins as `succeeded`, and the bank sends the money back. */
  outcome: z.enum(['pending', 'failed']),
  /** What a pending one becomes by itself; it waits for a hand without this. */
  settles: z.enum(['succeeded', 'failed']).optional(),
  /** On the account's clock; 0 is at once, after the answer to the call. */
  after_seconds: z.number().int().min(0).default(0),
})

export type RefundPlan = z.infer<typeof refundPlan>
