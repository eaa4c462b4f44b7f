import { type BillingState, paymentsOfCharge } from './billing-state.ts'
import type { ChargeLink } from './billing-update.ts'
import type { StoredPayment } from './stored-payment.ts'

/**
 * What of a refund or dispute concerns one payment, in minor units and parts of them: `inWhole` of the sum of several. A PaymentIntent may
 * be attached to several invoices, and Stripe does not say of which one a part of it goes back: each bears its share, so that none counts
 * as taken back before all of them are.
 * Source: the SDK's description of `InvoicePayment.amount_paid`; docs.stripe.com/api/invoices/attach_payment.
 */
export function shareOf<Move extends ChargeLink & { amount: number }>(
  billing: BillingState,
  payment: StoredPayment,
  move: Move,
): Move {
  const payers = paymentsOfCharge(billing, move)
  const all = payers.reduce((sum, each) => sum + chargedFor(each), 0)
  if (payers.length < 2 || all === 0) return move
  return { ...move, amount: (move.amount * chargedFor(payment)) / all }
}

function chargedFor({ collected, paid }: StoredPayment): number {
  return collected ?? paid.amount
}
