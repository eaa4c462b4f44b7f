import { z } from 'zod'
import { clearable, currency, expand, flag, integer, metadata, text } from '../api/params.ts'
import { priceParams } from '../catalogue.ts'

const quantity = integer.pipe(z.number().int().min(0))
const priceData = priceParams.pick({
  currency: true,
  product: true,
  recurring: true,
  tax_behavior: true,
  unit_amount: true,
})

const itemParams = z.strictObject({
  deleted: flag.optional(),
  id: text.optional(),
  metadata: metadata.optional(),
  price: text.optional(),
  price_data: priceData.optional(),
  quantity: quantity.optional(),
})

const prorationBehavior = z.enum(['always_invoice', 'create_prorations', 'none'])
const paymentBehavior = z.enum([
  'allow_incomplete',
  'default_incomplete',
  'error_if_incomplete',
  'pending_if_incomplete',
])
const cancellationDetails = z.strictObject({
  comment: text.optional(),
  feedback: z
    .enum([
      'customer_service',
      'low_quality',
      'missing_features',
      'other',
      'switched_service',
      'too_complex',
      'too_expensive',
      'unused',
    ])
    .optional(),
})

const collection = {
  collection_method: z.enum(['charge_automatically', 'send_invoice']).optional(),
  days_until_due: integer.pipe(z.number().int().min(0)).optional(),
}
const trialSettings = z.strictObject({
  end_behavior: z.strictObject({ missing_payment_method: z.enum(['cancel', 'create_invoice', 'pause']) }),
})
const pauseCollection = z.strictObject({
  behavior: z.enum(['keep_as_draft', 'mark_uncollectible', 'void']),
  resumes_at: integer.optional(),
})

/** What this simulator can change of a subscription; anything else is refused by name, never ignored. */
export const updateParams = z.strictObject({
  billing_cycle_anchor: z.enum(['now', 'unchanged']).optional(),
  cancel_at: clearable(integer).optional(),
  cancel_at_period_end: flag.optional(),
  cancellation_details: cancellationDetails.optional(),
  ...collection,
  description: clearable(text).optional(),
  expand,
  items: z.array(itemParams).optional(),
  metadata: clearable(metadata).optional(),
  off_session: flag.optional(),
  pause_collection: clearable(pauseCollection).optional(),
  payment_behavior: paymentBehavior.optional(),
  proration_behavior: prorationBehavior.optional(),
  proration_date: integer.optional(),
  trial_settings: trialSettings.optional(),
  trial_end: z.union([z.literal('now').transform(() => 'now' as const), integer]).optional(),
})

export const createParams = z.strictObject({
  billing_cycle_anchor: integer.optional(),
  ...collection,
  cancel_at_period_end: flag.optional(),
  currency: currency.optional(),
  customer: text,
  description: text.optional(),
  expand,
  items: z.array(itemParams).min(1),
  metadata: metadata.optional(),
  off_session: flag.optional(),
  payment_behavior: paymentBehavior.optional(),
  proration_behavior: prorationBehavior.optional(),
  trial_settings: trialSettings.optional(),
  trial_end: integer.optional(),
  trial_period_days: integer.pipe(z.number().int().min(1)).optional(),
})

/** `prorate` is taken and changes nothing: no money goes back by itself here. */
export const cancelParams = z.strictObject({
  cancellation_details: cancellationDetails.optional(),
  expand,
  invoice_now: flag.optional(),
  prorate: flag.optional(),
})

export const resumeParams = z.strictObject({
  billing_cycle_anchor: z.enum(['now', 'unchanged']).optional(),
  expand,
  payment_behavior: z.enum(['resume_on_payment_attempt', 'resume_on_payment_success']).optional(),
  proration_behavior: prorationBehavior.optional(),
  proration_date: integer.optional(),
})

export type UpdateParams = z.infer<typeof updateParams>
export type ItemParams = z.infer<typeof itemParams>
