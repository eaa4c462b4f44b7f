import { inWhole } from './in-whole.ts'
import type { StoredPayment } from './stored-payment.ts'

export const refundStatuses = ['pending', 'requires_action', 'succeeded', 'failed', 'canceled'] as const

export type Refund = {
  refundId: string
  paymentIntentId: string | null
  chargeId: string | null
  status: (typeof refundStatuses)[number]
  amount: number
  currency: string
  /** Of our own request, where there is one. */
  refundRequestId: string | null
  asOf: Date
}

/** The later of two states of a refund: it may still fail after it has succeeded, but never the reverse. */
export function laterRefund(before: Refund | undefined, refund: Refund): Refund {
  if (!before) return refund
  const ahead = rankOf(refund) - rankOf(before)
  const isLater = ahead === 0 ? refund.asOf > before.asOf : ahead > 0
  const [later, earlier] = isLater ? [refund, before] : [before, refund]
  return {
    ...later,
    paymentIntentId: later.paymentIntentId ?? earlier.paymentIntentId,
    chargeId: later.chargeId ?? earlier.chargeId,
    refundRequestId: later.refundRequestId ?? earlier.refundRequestId,
  }
}

function rankOf({ status }: Refund): number {
  switch (status) {
    case 'pending':
    case 'requires_action':
      return 0
    case 'succeeded':
      return 1
    case 'failed':
    case 'canceled':
      return 2
    default:
      return status satisfies never
  }
}

/** What of a charge went back or is on its way, in minor units. */
export function refundedOf(refunds: Refund[]): number {
  return refunds.reduce((sum, refund) => (rankOf(refund) < 2 ? sum + refund.amount : sum), 0)
}

/** Refunded and pending amounts of a payment: the sums over all its refunds. */
export function withRefunds(payment: StoredPayment, refunds: Refund[]): StoredPayment {
  const own = refunds.filter(({ currency }) => currency === payment.paid.currency)
  const sumOf = (rank: number) => inWhole(own.filter((refund) => rankOf(refund) === rank))
  return { ...payment, refunded: sumOf(1), refund_pending: sumOf(0) }
}
