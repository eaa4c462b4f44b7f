import type { BillingFinding } from '@spawnpoint/contracts'
import type { Found } from './find-discrepancies.ts'

/** What is found in an order's money, with what settles it. */
export function billingDiscrepancies(orderId: string, findings: BillingFinding[]): Found[] {
  return findings.map(({ kind, about, finding }) => ({
    kind,
    order_id: orderId,
    payment_id: about,
    finding,
    ...settledBy(kind, orderId),
  }))
}

function settledBy(kind: BillingFinding['kind'], orderId: string): Pick<Found, 'repair' | 'confirmation'> {
  switch (kind) {
    case 'underpaid':
      return {
        repair: 'Accepts what is charged as the price of this order.',
        confirmation: `accept the lower price of order ${orderId}`,
      }
    case 'paid_and_suspended':
      return { repair: 'Resumes its server.', confirmation: `resume the server of order ${orderId}` }
    case 'plan_price_mismatch':
    case 'running_unpaid':
      return { repair: 'Looks up its subscription at Stripe again.', confirmation: null }
    default:
      return kind satisfies never
  }
}
