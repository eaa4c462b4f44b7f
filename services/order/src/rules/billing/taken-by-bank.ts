import type { PaymentState } from '@spawnpoint/contracts'

type Disputed = Pick<PaymentState, 'dispute' | 'disputed' | 'paid' | 'collected' | 'refunded'>

/**
 * Of a dispute, what it means for the server. A bank may take a part of a charge: what is left of it pays on. Amounts also differ
 * a little where a currency was converted. Source: docs.stripe.com/api/disputes/object (`amount`).
 */
export function disputeOfAll(payment: Disputed): PaymentState['dispute'] {
  const { dispute, disputed } = payment
  if ((dispute !== 'open' && dispute !== 'lost') || disputed == null) return dispute
  const left = leftOf(payment)
  if (disputed.lost > 0 && disputed.lost >= left) return 'lost'
  return disputed.open > 0 && disputed.open + disputed.lost >= left ? 'open' : null
}

/** What a bank took of a charge without taking all of it, in minor units. */
export function partTaken(payment: Disputed): { amount: number; isLost: boolean } | null {
  const { dispute, disputed } = payment
  if ((dispute !== 'open' && dispute !== 'lost') || disputed == null) return null
  if (disputeOfAll(payment) !== null) return null
  return { amount: disputed.open + disputed.lost, isLost: disputed.open === 0 }
}

function leftOf({ paid, collected, refunded }: Disputed): number {
  return (collected ?? paid.amount) - refunded
}
