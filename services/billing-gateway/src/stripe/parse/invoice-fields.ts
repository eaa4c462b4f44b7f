import { z } from '@hono/zod-openapi'
import { invoiceStatuses } from '@spawnpoint/contracts'
import { currency, id, idOrObject, metadata, time } from './fields.ts'
import { lineSchema, subscriptionOfLine } from './invoice-line.ts'

const amounts = z
  .array(z.object({ amount: z.number().int() }))
  .nullish()
  .transform((list) => list?.reduce((sum, { amount }) => sum + amount, 0))

const ofSubscription = z.object({ subscription: idOrObject.optional(), metadata }).nullish()

const intentOrId = z
  .union([
    id.transform((intent) => ({ id: intent, status: null })),
    z.object({ id, status: z.string().nullish() }),
  ])
  .nullish()

/** Both shapes: until 2025-03-31 an invoice itself named its subscription and payment, since then its `parent` and `payments` do. */
export const invoiceSchema = z.object({
  id,
  object: z.literal('invoice'),
  livemode: z.boolean(),
  billing_reason: z.string().nullish(),
  total: z.number().int().max(Number.MAX_SAFE_INTEGER),
  currency,
  total_discount_amounts: amounts,
  total_taxes: amounts,
  total_tax_amounts: amounts,
  tax: z.number().int().nullish(),
  shipping_cost: z.object({ amount_total: z.number().int() }).nullish(),
  customer: idOrObject,
  customer_email: z.string().nullish(),
  customer_name: z.string().nullish(),
  status: z.string().nullish(),
  status_details: z
    .object({ uncollectible: z.object({ reason: z.string().nullish() }).nullish() })
    .nullish()
    .catch(null),
  collection_method: z.string().nullish(),
  amount_due: z.number().int().nullish(),
  amount_paid: z.number().int().min(0).nullish(),
  amount_overpaid: z.number().int().min(0).nullish(),
  amount_remaining: z.number().int().nullish(),
  due_date: time,
  hosted_invoice_url: z.string().max(2_000).nullish().catch(null),
  attempt_count: z.number().int().min(0).nullish(),
  next_payment_attempt: time,
  status_transitions: z.object({ paid_at: time }).nullish().catch(null),
  parent: z.object({ subscription_details: ofSubscription }).nullish(),
  subscription: idOrObject,
  subscription_details: ofSubscription,
  payment_intent: idOrObject,
  charge: idOrObject,
  payments: z
    .object({
      data: z.array(
        z.object({
          status: z.string().nullish(),
          payment: z.object({ payment_intent: intentOrId, charge: idOrObject }).nullish(),
        }),
      ),
      has_more: z.boolean().nullish(),
    })
    .nullish()
    .transform((list) => ({ data: list?.data ?? [], isCut: list?.has_more === true })),
  lines: z
    .object({ data: z.array(lineSchema), has_more: z.boolean().nullish() })
    .nullish()
    .transform((list) => ({ data: list?.data ?? [], isCut: list?.has_more === true })),
})

export type Invoice = z.infer<typeof invoiceSchema>
export function subscriptionOf({ parent, subscription, lines }: Invoice): string | null {
  const line = lines.data.map(subscriptionOfLine).find((found) => found !== null)
  return parent?.subscription_details?.subscription ?? subscription ?? line ?? null
}

export function metadataOf({ parent, subscription_details }: Invoice): Record<string, string> {
  return { ...subscription_details?.metadata, ...parent?.subscription_details?.metadata }
}

/**
 * What was really charged, also beyond what was due: two payments may have paid it. Whether `amount_paid` has the excess too, Stripe
 * does not say. Source: `amount_overpaid` in the SDK's types.
 */
export function collectedOf({ amount_due, amount_paid, amount_overpaid }: Invoice): number | null {
  if (amount_paid == null) return null
  return Math.max(amount_paid, Math.min(amount_paid, amount_due ?? amount_paid) + (amount_overpaid ?? 0))
}

/**
 * Written off because the seller had paused the collection: nothing is asked for this period, as if it were voided.
 * Source: `status_details.uncollectible.reason` of the invoice object; docs.stripe.com/billing/subscriptions/pause-payment.
 */
export function isForgiven({ status, status_details }: Invoice): boolean {
  return status === 'uncollectible' && status_details?.uncollectible?.reason === 'subscription_paused'
}

/** Source: `status_details.uncollectible.reason` in the SDK's types. */
const reasonsToGiveUp = [
  'max_payment_attempts',
  'payment_not_received',
  'subscription_canceled',
  'subscription_paused',
  'user_forgiven',
]

// Whether it is forgiven or not paid, nobody can tell: the event fails, and nobody is late for it.
export function refuseUnknown({ id, status, status_details }: Invoice): void {
  if (status && !isStatus(status)) throw new Error(`Invoice ${id} has an unknown status: ${status}`)
  const reason = status === 'uncollectible' ? status_details?.uncollectible?.reason : null
  if (reason && !reasonsToGiveUp.includes(reason))
    throw new Error(`Invoice ${id} is uncollectible for an unknown reason: ${reason}`)
}

export function isStatus(status: string): status is (typeof invoiceStatuses)[number] {
  return (invoiceStatuses as readonly string[]).includes(status)
}
