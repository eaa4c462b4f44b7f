import type Stripe from 'stripe'
import { newId } from '../ids.ts'

/** What ties a payment intent to its invoice since 2025-03-31, when both lost their direct links. */
export function invoicePayment(
  invoice: Stripe.Invoice,
  paymentIntent: string,
  overrides: Partial<Stripe.InvoicePayment> = {},
): Stripe.InvoicePayment {
  const { status = 'paid', created = invoice.created } = overrides
  const paid = status === 'paid'
  return {
    id: newId('inpay'),
    object: 'invoice_payment',
    amount_paid: paid ? invoice.total : null,
    amount_requested: invoice.total,
    created,
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { payment_intent: paymentIntent, type: 'payment_intent' },
    status,
    status_transitions: { canceled_at: null, paid_at: paid ? created : null },
    ...overrides,
  }
}
