import type Stripe from 'stripe'
import { newId } from '../ids.ts'

export function refund(overrides: Partial<Stripe.Refund> = {}): Stripe.Refund {
  return {
    id: newId('re'),
    object: 'refund',
    amount: 1000,
    balance_transaction: null,
    charge: null,
    created: Math.floor(Date.now() / 1000),
    currency: 'usd',
    customer: null,
    customer_account: null,
    destination_details: {
      card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
      type: 'card',
    },
    metadata: {},
    payment_intent: null,
    payment_method: null,
    reason: null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
    ...overrides,
  }
}
