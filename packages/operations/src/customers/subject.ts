import { z } from '@hono/zod-openapi'

const ids = z.array(z.string().regex(/^[\x21-\x7e]{1,191}$/, '1 to 191 visible ASCII characters')).max(5_000)

/**
 * Whose data is meant: what the order service knows of one customer. Each service finds its own records by these ids; `persons`
 * are the customer's addresses and names, to be found in free text.
 */
export const subjectSchema = z
  .object({
    order_ids: ids,
    payment_ids: ids,
    subscription_ids: ids,
    persons: z.array(z.object({ id: z.string().nullable(), email: z.string(), name: z.string() })).max(1_000),
  })
  .openapi('CustomerSubject')
export type Subject = z.infer<typeof subjectSchema>

/** What keeps a customer from being forgotten now, why, and what ends it. */
export const blockerSchema = z
  .object({ record: z.string(), why: z.string(), next: z.string() })
  .openapi('ForgetBlocker')
export type Blocker = z.infer<typeof blockerSchema>
