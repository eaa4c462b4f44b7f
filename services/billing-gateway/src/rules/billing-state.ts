import type { Envelope } from '@spawnpoint/contracts'
import type { ChargeLink } from './billing-update.ts'
import type { Dispute } from './dispute.ts'
import type { FraudSignal } from './fraud.ts'
import type { Refund } from './refund.ts'
import type { StoredPayment } from './stored-payment.ts'
import type { KnownSubscription } from './subscription.ts'

/** The billing state that a batch of events concerns, and its changes while they are applied. */
export type BillingState = {
  payments: Map<string, StoredPayment>
  subscriptions: Map<string, KnownSubscription>
  refunds: Map<string, Refund>
  disputes: Map<string, Dispute>
  signals: Map<string, FraudSignal>
  changed: Record<'payments' | 'subscriptions' | 'refunds' | 'disputes' | 'signals', Set<string>>
  /** Stripe's ids that are newly known to be ours: events that wait for one can be applied. */
  links: Set<string>
  outgoing: Envelope[]
}

export function emptyBillingState(): BillingState {
  return {
    payments: new Map(),
    subscriptions: new Map(),
    refunds: new Map(),
    disputes: new Map(),
    signals: new Map(),
    changed: {
      payments: new Set(),
      subscriptions: new Set(),
      refunds: new Set(),
      disputes: new Set(),
      signals: new Set(),
    },
    links: new Set(),
    outgoing: [],
  }
}

export function putPayment(billing: BillingState, payment: StoredPayment): void {
  const before = billing.payments.get(payment.payment_id)
  const known = new Set(before ? linksOf(before) : [])
  for (const link of linksOf(payment)) if (!known.has(link)) billing.links.add(link)
  billing.payments.set(payment.payment_id, payment)
  billing.changed.payments.add(payment.payment_id)
}

function linksOf({ charged_by, invoice_id, subscription_id }: StoredPayment): string[] {
  return [...charged_by, invoice_id, subscription_id].filter((link) => link !== null)
}

/** Several where one PaymentIntent paid several invoices. */
export function paymentsOfCharge(billing: BillingState, link: ChargeLink): StoredPayment[] {
  return [...billing.payments.values()].filter((payment) => isOfPayment(payment, link))
}

export function paymentOfInvoice(billing: BillingState, invoiceId: string): StoredPayment | null {
  for (const payment of billing.payments.values()) if (payment.invoice_id === invoiceId) return payment
  return null
}

export function paymentsOfSubscription(billing: BillingState, id: string): StoredPayment[] {
  return [...billing.payments.values()].filter(({ subscription_id }) => subscription_id === id)
}

export function isOfPayment(
  { charged_by }: Pick<StoredPayment, 'charged_by'>,
  { paymentIntentId, chargeId }: ChargeLink,
): boolean {
  return charged_by.some((id) => id === paymentIntentId || id === chargeId)
}
