import type Stripe from 'stripe'

/** Source: the SDK's description of `Dispute.reason`. */
export const disputeReasons = [
  'bank_cannot_process',
  'check_returned',
  'credit_not_processed',
  'customer_initiated',
  'debit_not_authorized',
  'duplicate',
  'fraudulent',
  'general',
  'incorrect_account_details',
  'insufficient_funds',
  'noncompliant',
  'product_not_received',
  'product_unacceptable',
  'subscription_canceled',
  'unrecognized',
] as const

/** Visa's own codes. Source: docs.stripe.com/disputes/categories#network-code-map. */
const networkCodes: Record<string, string> = {
  credit_not_processed: '13.7',
  duplicate: '12.6.1',
  fraudulent: '10.4',
  product_not_received: '13.1',
  product_unacceptable: '13.3',
  subscription_canceled: '13.2',
}

export function detailsFor(
  reason: string,
  kind: 'inquiry' | 'chargeback',
): Stripe.Dispute.PaymentMethodDetails {
  const network_reason_code = networkCodes[reason] ?? null
  return { card: { brand: 'visa', case_type: kind, network: 'visa', network_reason_code }, type: 'card' }
}
