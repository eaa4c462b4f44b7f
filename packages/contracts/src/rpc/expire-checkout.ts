import { z } from 'zod'

/**
 * Asked of the billing gateway by NATS request/reply: closes the checkout of an order that is not paid, so that nobody can pay
 * on it any more. Asking again changes nothing more. `checkout_session_id` is null where the order has no checkout. Refused
 * with `checkout_completed` (it is paid, or its payment is under way), `stripe_unavailable`, `stripe_refused`.
 */
export const expireCheckout = {
  subject: 'rpc.billing-gateway.expire-checkout',
  request: z.object({ order_id: z.string().min(1).max(191) }),
  reply: z.object({ checkout_session_id: z.string().nullable() }),
} as const

export type ExpireCheckout = z.infer<typeof expireCheckout.request>
export type ExpiredCheckout = z.infer<typeof expireCheckout.reply>
