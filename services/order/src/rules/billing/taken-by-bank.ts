import type { PaymentState } from '@spawnpoint/contracts'
import { chargedOf, isReturned } from './period.ts'

/**
 * Of a dispute, what it means for the server. A bank may take a part of a charge: what is left of it pays on. Amounts also differ
 * a little where a currency was converted. Source: docs.stripe.com/api/disputes/object (`amount`).
 */
export function disputeOfAll(payment: PaymentState): PaymentState['dispute'] {
  const { dispute, disputed } = payment
  if ((dispute !== 'open' && dispute !== 'lost') || disputed == null) return dispute
  const left = leftOf(payment)
  if (disputed.lost > 0 && disputed.lost >= left) return 'lost'
  return disputed.open > 0 && disputed.open + disputed.lost >= left ? 'open' : null
}

/** What a bank took of a charge without taking all of it, in minor units. */
export function partTaken(payment: PaymentState): { amount: number; isLost: boolean } | null {
  if (disputeOfWhole(payment) || isReturned(payment)) return null
  const amount = takenOf(payment)
  return amount === 0 ? null : { amount, isLost: (payment.disputed?.open ?? 0) === 0 }
}

/** What is left of a payment after refunds and what its bank took, in minor units. */
export function keptOf(payment: PaymentState): number {
  if (disputeOfWhole(payment) || isReturned(payment)) return 0
  return Math.max(0, chargedOf(payment) - payment.refunded - takenOf(payment))
}

function disputeOfWhole(payment: PaymentState): boolean {
  const dispute = disputeOfAll(payment)
  return dispute === 'open' || dispute === 'lost'
}

function takenOf({ dispute, disputed, returned, returned_amount }: PaymentState): number {
  const isContested = dispute === 'open' || dispute === 'lost'
  const contested = isContested && disputed != null ? disputed.open + disputed.lost : 0
  return contested + (returned === true ? (returned_amount ?? 0) : 0)
}

function leftOf(payment: PaymentState): number {
  const { refunded, returned, returned_amount } = payment
  return chargedOf(payment) - refunded - (returned === true ? (returned_amount ?? 0) : 0)
}
