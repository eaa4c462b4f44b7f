import { z } from 'zod'
import { currency, expand, flag, integer, metadata, text } from '../api/params.ts'
import { priceParams } from '../catalogue.ts'

const lineItem = z
  .strictObject({
    price: text.optional(),
    price_data: priceParams
      .omit({ active: true, nickname: true, lookup_key: true, metadata: true })
      .optional(),
    quantity: integer.pipe(z.number().int().min(1)).default(1),
  })
  .refine(({ price, price_data }) => (price === undefined) !== (price_data === undefined), {
    message: 'You must specify either `price` or `price_data`.',
  })

/** The parameters of a Checkout Session that this simulator understands; another one is refused by name, never ignored. */
export const sessionParams = z.strictObject({
  allow_promotion_codes: flag.optional(),
  cancel_url: z.url().optional(),
  client_reference_id: text.max(200).optional(),
  currency: currency.optional(),
  customer: text.optional(),
  customer_creation: z.enum(['always', 'if_required']).optional(),
  customer_email: z.email().optional(),
  expand,
  expires_at: integer.optional(),
  line_items: z.array(lineItem).min(1),
  locale: text.optional(),
  metadata: metadata.optional(),
  mode: z.enum(['payment', 'subscription']),
  payment_intent_data: z
    .strictObject({ description: text.optional(), metadata: metadata.optional() })
    .optional(),
  payment_method_collection: z.enum(['always', 'if_required']).optional(),
  payment_method_types: z.array(text).optional(),
  submit_type: z.enum(['auto', 'book', 'donate', 'pay', 'subscribe']).optional(),
  subscription_data: z
    .strictObject({
      billing_cycle_anchor: integer.optional(),
      description: text.optional(),
      metadata: metadata.optional(),
      proration_behavior: z.enum(['create_prorations', 'none']).optional(),
      trial_end: integer.optional(),
      trial_period_days: integer.pipe(z.number().int().min(1)).optional(),
      trial_settings: z
        .strictObject({
          end_behavior: z.strictObject({
            missing_payment_method: z.enum(['cancel', 'create_invoice', 'pause']),
          }),
        })
        .optional(),
    })
    .optional(),
  success_url: z.url(),
  ui_mode: z.enum(['hosted_page', 'hosted']).optional(),
})
