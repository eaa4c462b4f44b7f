import type Stripe from 'stripe'
import { newId } from '../ids.ts'
import { invoiceLines, subscriptionLine } from './invoice-line.ts'

/** A paid invoice without lines; a subscription's one is `subscriptionInvoice`. */
export function invoice(overrides: Partial<Stripe.Invoice> = {}): Stripe.Invoice {
  const id = overrides.id ?? newId('in')
  const created = overrides.created ?? Math.floor(Date.now() / 1000)
  const { total = 1000, status = 'paid' } = overrides
  const paid = status === 'paid'
  return {
    id,
    object: 'invoice',
    account_country: 'US',
    account_name: 'Simulated seller',
    account_tax_ids: null,
    amount_due: total,
    amount_overpaid: 0,
    amount_paid: paid ? total : 0,
    amount_remaining: paid ? 0 : total,
    amount_shipping: 0,
    application: null,
    attempt_count: paid ? 1 : 0,
    attempted: paid,
    auto_advance: false,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null,
    billing_reason: 'manual',
    collection_method: 'charge_automatically',
    created,
    currency: 'usd',
    custom_fields: null,
    customer: newId('cus', 14),
    customer_account: null,
    customer_address: null,
    customer_email: null,
    customer_name: null,
    customer_phone: null,
    customer_shipping: null,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: created,
    ending_balance: 0,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: invoiceLines(id, []),
    livemode: false,
    metadata: {},
    next_payment_attempt: null,
    number: null,
    on_behalf_of: null,
    parent: null,
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: created,
    period_start: created,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status,
    status_transitions: {
      finalized_at: created,
      marked_uncollectible_at: null,
      paid_at: paid ? created : null,
      voided_at: null,
    },
    subtotal: total,
    subtotal_excluding_tax: total,
    test_clock: null,
    total,
    total_discount_amounts: [],
    total_excluding_tax: total,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: created,
    ...overrides,
  }
}

/** The invoice of a subscription's current period: lines, periods and amounts follow its items. */
export function subscriptionInvoice(
  subscription: Stripe.Subscription,
  overrides: Partial<Stripe.Invoice> = {},
): Stripe.Invoice {
  const id = overrides.id ?? newId('in')
  const lines = subscription.items.data.map((item) => subscriptionLine(subscription, item, { invoice: id }))
  return invoice({
    id,
    billing_reason: 'subscription_create',
    currency: subscription.currency,
    customer: subscription.customer,
    lines: invoiceLines(id, lines),
    parent: {
      quote_details: null,
      subscription_details: { metadata: subscription.metadata, subscription: subscription.id },
      type: 'subscription_details',
    },
    total: lines.reduce((sum, line) => sum + line.amount, 0),
    ...overrides,
  })
}
