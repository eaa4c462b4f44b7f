import { z } from '@hono/zod-openapi'
import { paymentSchema } from '@spawnpoint/contracts'

/** A payment as it is stored: the published fields, and the ids that identify its invoices and charges. */
export const storedPaymentSchema = paymentSchema.required().extend({
  charge_id: z.string().max(191).nullable(),
  /**
   * All PaymentIntents and charges that paid it, sorted: an invoice may be paid by several.
   * Source: docs.stripe.com/changelog/basil/2025-05-28/partial-payments.
   */
  charged_by: z.array(z.string().max(191)),
  invoice_id: z.string().max(191).nullable(),
  /** The end of the period that its invoice charges for, paid or not. */
  period_end: z.iso.datetime().nullable(),
  /** When the details of its invoice were read: the newest win. */
  details_at: z.iso.datetime().nullable(),
})
export type StoredPayment = z.infer<typeof storedPaymentSchema>

export const paymentUpdateSchema = storedPaymentSchema.omit({ version: true })
/** One Stripe event's view of a payment: its whole state without our version. */
export type PaymentUpdate = z.infer<typeof paymentUpdateSchema>
