import { applyDispute, applyFraudSignal, applyInvoicePayment, applyRefunds } from './apply-charge.ts'
import { applyPayment } from './apply-payment.ts'
import { applySubscription } from './apply-subscription.ts'
import type { BillingState } from './billing-state.ts'
import type { BillingUpdate, UpdateContext, UpdateResult } from './billing-update.ts'

/** What one update changes in the billing state. Pure: it reads and writes nothing else. */
export function applyUpdate(
  billing: BillingState,
  update: BillingUpdate,
  context: UpdateContext,
): UpdateResult {
  switch (update.about) {
    case 'payment':
      return applyPayment(billing, update, context)
    case 'subscription':
      return applySubscription(billing, update, context)
    case 'refunds':
      return applyRefunds(billing, update, context)
    case 'dispute':
      return applyDispute(billing, update, context)
    case 'fraud':
      return applyFraudSignal(billing, update, context)
    case 'invoice-payment':
      return applyInvoicePayment(billing, update)
    default:
      return update satisfies never
  }
}
