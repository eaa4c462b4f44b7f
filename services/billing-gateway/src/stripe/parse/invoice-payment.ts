import { z } from '@hono/zod-openapi'
import type { BillingUpdate } from '../../rules/billing-update.ts'
import type { IgnoredEvent } from './context.ts'
import { id, idOrObject } from './fields.ts'

const invoicePaymentSchema = z.object({
  object: z.literal('invoice_payment'),
  invoice: z.union([id, z.object({ id }).transform((invoice) => invoice.id)]),
  payment: z.object({ payment_intent: idOrObject, charge: idOrObject }).nullish(),
})

/** Since 2025-03-31 nothing else says which PaymentIntent paid an invoice. */
export function parseInvoicePayment(object: unknown): BillingUpdate | IgnoredEvent {
  const { invoice, payment } = invoicePaymentSchema.parse(object)
  const link = { paymentIntentId: payment?.payment_intent ?? null, chargeId: payment?.charge ?? null }
  return { about: 'invoice-payment', invoiceId: invoice, link }
}
