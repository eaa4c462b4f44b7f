import type { Payment } from '@spawnpoint/contracts'

/** What one Stripe event says of a payment: its whole state but for our version. */
export type PaymentFact = Omit<Payment, 'version'>

export type PaymentNews = 'payment.pending' | 'payment.succeeded' | 'payment.failed'

export type Applied =
  | { payment: Payment; event: PaymentNews }
  | { ignored: 'same_status' | 'already_succeeded' | 'already_over' }

/**
 * Stripe's events come twice and in any order, and two of one second cannot be told apart by their time. So the order of
 * the states decides: pending < failed or expired < succeeded. Money that came in late still came in.
 */
export function applyFact(payment: Payment | null, fact: PaymentFact): Applied {
  if (payment?.status === fact.status) return { ignored: 'same_status' }
  if (payment?.status === 'succeeded') return { ignored: 'already_succeeded' }
  if (payment && payment.status !== 'pending' && fact.status !== 'succeeded')
    return { ignored: 'already_over' }
  return { payment: { ...fact, version: (payment?.version ?? 0) + 1 }, event: eventOf(fact.status) }
}

function eventOf(status: Payment['status']): PaymentNews {
  switch (status) {
    case 'pending':
      return 'payment.pending'
    case 'succeeded':
      return 'payment.succeeded'
    case 'failed':
    case 'expired':
      return 'payment.failed'
    default:
      return status satisfies never
  }
}
