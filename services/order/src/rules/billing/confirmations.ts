import type { OrderMoney } from '@spawnpoint/contracts'
import type { BillingSummary } from './billing-summary.ts'
import type { SuspensionReason } from './suspension-reasons.ts'

type Confirmed = NonNullable<OrderMoney['confirmed']>[number]

/** The reasons to suspend an order that a lookup at Stripe can confirm. */
export function confirmableReasons({ nonPayment, isRefunded, dispute }: BillingSummary): Confirmed[] {
  return [
    ...(nonPayment === null ? [] : (['not_paid'] as const)),
    ...(isRefunded ? (['refunded'] as const) : []),
    ...(dispute === 'open' ? (['disputed'] as const) : []),
    ...(dispute === 'lost' ? (['lost'] as const) : []),
  ]
}

export function confirmationOf(kind: SuspensionReason['kind']): Confirmed {
  switch (kind) {
    case 'refunded':
    case 'disputed':
    case 'lost':
      return kind
    case 'late':
    case 'given-up':
    case 'underpaid':
    case 'ended':
      return 'not_paid'
    default:
      return kind satisfies never
  }
}
