import type Stripe from 'stripe'
import { newId } from '../ids.ts'

/** A visa card. */
export function paymentMethod(overrides: Partial<Stripe.PaymentMethod> = {}): Stripe.PaymentMethod {
  return {
    id: newId('pm'),
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    card: {
      brand: 'visa',
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: 'US',
      display_brand: 'visa',
      exp_month: 12,
      exp_year: 2034,
      fingerprint: 'Xt5EWLLDS7FJjR1c',
      funding: 'credit',
      generated_from: null,
      last4: '4242',
      networks: { available: ['visa'], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: Math.floor(Date.now() / 1000),
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: 'card',
    ...overrides,
  }
}

export function sepaMethod(overrides: Partial<Stripe.PaymentMethod> = {}): Stripe.PaymentMethod {
  const { card: _, ...rest } = paymentMethod(overrides)
  return {
    ...rest,
    sepa_debit: {
      bank_code: '37040044',
      branch_code: null,
      country: 'DE',
      fingerprint: 'RLEeVNtBjEhfdEFt',
      generated_from: null,
      last4: '3000',
    },
    type: 'sepa_debit',
  }
}

/** The customer's cash balance, which bank transfers fill. */
export function transferMethod(overrides: Partial<Stripe.PaymentMethod> = {}): Stripe.PaymentMethod {
  const { card: _, ...rest } = paymentMethod(overrides)
  return { ...rest, customer_balance: {}, type: 'customer_balance' }
}
