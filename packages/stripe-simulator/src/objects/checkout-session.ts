import type Stripe from 'stripe'
import { newId, newSessionId } from '../ids.ts'

/**
 * A coherent Checkout Session: completed and paid by default. What goes together follows by itself:
 * an `open` one is unpaid and has a page, a `subscription` one has an invoice and no payment intent, free needs no payment.
 */
export function checkoutSession(overrides: Partial<Stripe.Checkout.Session> = {}): Stripe.Checkout.Session {
  const id = overrides.id ?? newSessionId()
  const created = overrides.created ?? Math.floor(Date.now() / 1000)
  const { mode = 'payment', status = 'complete', amount_total = 1000, customer_email = null } = overrides
  const complete = status === 'complete'
  const email = customer_email ?? 'player@example.com'
  return {
    id,
    object: 'checkout.session',
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: null,
    amount_subtotal: amount_total,
    amount_total,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: 'https://shop.example.com/cancel',
    client_reference_id: null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created,
    currency: 'usd',
    currency_conversion: null,
    custom_fields: [],
    custom_text: {
      after_submit: null,
      shipping_address: null,
      submit: null,
      terms_of_service_acceptance: null,
    },
    customer: complete && mode === 'subscription' ? newId('cus', 14) : null,
    customer_account: null,
    customer_creation: mode === 'payment' ? 'if_required' : null,
    customer_details: complete || customer_email !== null ? customerDetails(email) : null,
    customer_email,
    discounts: [],
    expires_at: created + 24 * 3600,
    integration_identifier: null,
    invoice: complete && mode === 'subscription' ? newId('in') : null,
    invoice_creation: mode === 'payment' ? noInvoice : null,
    livemode: false,
    locale: null,
    managed_payments: null,
    metadata: {},
    mode,
    origin_context: null,
    payment_intent: complete && mode === 'payment' && amount_total !== 0 ? newId('pi') : null,
    payment_link: null,
    payment_method_collection: mode === 'subscription' ? 'always' : 'if_required',
    payment_method_configuration_details: null,
    payment_method_options: { card: { request_three_d_secure: 'automatic' } },
    payment_method_types: ['card'],
    payment_status: paymentStatus(complete, amount_total),
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status,
    submit_type: null,
    subscription: complete && mode === 'subscription' ? newId('sub') : null,
    success_url: 'https://shop.example.com/thanks?session_id={CHECKOUT_SESSION_ID}',
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: status === 'open' ? `https://checkout.stripe.com/c/pay/${id}` : null,
    wallet_options: null,
    ...overrides,
  }
}

export function customerDetails(
  email: string | null,
  name: string | null = null,
): Stripe.Checkout.Session.CustomerDetails {
  return {
    address: null,
    business_name: null,
    email,
    individual_name: null,
    name,
    phone: null,
    tax_exempt: 'none',
    tax_ids: [],
  }
}

function paymentStatus(complete: boolean, total: number | null): Stripe.Checkout.Session.PaymentStatus {
  if (complete && total === 0) return 'no_payment_required'
  return complete ? 'paid' : 'unpaid'
}

const noInvoice: Stripe.Checkout.Session.InvoiceCreation = {
  enabled: false,
  invoice_data: {
    account_tax_ids: null,
    custom_fields: null,
    description: null,
    footer: null,
    issuer: null,
    metadata: {},
    rendering_options: null,
  },
}
