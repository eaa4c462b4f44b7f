import { z } from 'zod'
import { emailSchema } from '../email.ts'
import { moneySchema } from '../money.ts'

/**
 * Asked of the billing gateway by NATS request/reply. Asking again for the same order gives the same session. With `renews` (the
 * subscription of this order that has ended) the session is another one than the order's first, and it is paid for the same order.
 */
export const createCheckout = {
  subject: 'rpc.billing-gateway.create-checkout',
  request: z.object({
    order_id: z.string().min(1).max(191),
    product_name: z.string().min(1).max(250),
    price: moneySchema,
    /** Null: paid once. */
    interval: z.enum(['month', 'year']).nullable(),
    /** Where Stripe refuses it, the buyer is asked for one on Stripe's page. */
    customer_email: emailSchema,
    metadata: z.record(z.string(), z.string()),
    renews: z.string().min(1).max(191).optional(),
  }),
  reply: z.object({ checkout_session_id: z.string(), checkout_url: z.url(), expires_at: z.iso.datetime() }),
} as const

export type CreateCheckout = z.infer<typeof createCheckout.request>
export type Checkout = z.infer<typeof createCheckout.reply>
