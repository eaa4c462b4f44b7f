import { z } from '@hono/zod-openapi'
import type { BillingUpdate } from '../../rules/billing-update.ts'
import { id, idOrObject } from './fields.ts'
import type { Invoice } from './invoice-fields.ts'

type Paying = NonNullable<Invoice['payments']['data'][number]['payment']>

// Beside the payments that succeeded there may be cancelled ones.
export function firstOf(
  { payments: { data } }: Invoice,
  idIn: (payment: Paying) => string | null | undefined,
): string | null {
  const { payment } = data.find(({ status }) => status === 'paid') ?? data.at(0) ?? {}
  return (payment && idIn(payment)) ?? null
}

export function paidBy({ payments }: Invoice): (string | null)[] {
  return payments.data.flatMap(({ status, payment }) =>
    status === 'paid' && payment ? [payment.payment_intent?.id ?? null, payment.charge] : [],
  )
}

// A debit in progress may stand beside payments that were cancelled or failed.
export function intentStatusOf({ payments }: Invoice): string | null {
  const statuses = payments.data.flatMap(({ payment, status }) =>
    status === 'canceled' ? [] : (payment?.payment_intent?.status ?? []),
  )
  return statuses.find((status) => status === 'processing') ?? statuses[0] ?? null
}

const invoicePaymentSchema = z.object({
  object: z.literal('invoice_payment'),
  invoice: z.union([id, z.object({ id }).transform((invoice) => invoice.id)]),
  payment: z.object({ payment_intent: idOrObject, charge: idOrObject }).nullish(),
})

/** Since 2025-03-31 nothing else names the PaymentIntent that paid an invoice. */
export function parseInvoicePayment(object: unknown): BillingUpdate {
  const { invoice, payment } = invoicePaymentSchema.parse(object)
  const link = { paymentIntentId: payment?.payment_intent ?? null, chargeId: payment?.charge ?? null }
  return { about: 'invoice-payment', invoiceId: invoice, link }
}
