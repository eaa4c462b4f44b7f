import { z } from '@hono/zod-openapi'

const idOrObject = z
  .union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)])
  .nullish()
  .transform((id) => id ?? null)

const totals = z.object({
  amount_discount: z.number().int().nullish(),
  amount_tax: z.number().int().nullish(),
  amount_shipping: z.number().int().nullish(),
})

/**
 * What we read of a Checkout session. Its shape follows the API version of the webhook endpoint and never the one of the
 * installed package: whatever a version may leave out may be missing here.
 */
export const checkoutSessionSchema = z.object({
  id: z.string().min(1).max(191),
  object: z.literal('checkout.session'),
  mode: z.string(),
  livemode: z.boolean(),
  payment_status: z.enum(['paid', 'unpaid', 'no_payment_required']),
  amount_total: z.number().int().nullable(),
  currency: z.string().nullable(),
  total_details: totals.nullish(),
  metadata: z
    .record(z.string(), z.string())
    .nullish()
    .transform((metadata) => metadata ?? {}),
  payment_intent: idOrObject,
  subscription: idOrObject,
  customer: idOrObject,
  customer_email: z.string().nullish(),
  customer_details: z.object({ email: z.string().nullish(), name: z.string().nullish() }).nullish(),
})

export type CheckoutSession = z.infer<typeof checkoutSessionSchema>
