import type { BillingFinding } from '@spawnpoint/contracts'
import type { Found } from './find-discrepancies.ts'

/** What is found in an order's money, with what settles it. */
export function billingDiscrepancies(orderId: string, findings: BillingFinding[]): Found[] {
  return findings.map(({ kind, about, finding, settled_by }) => ({
    kind,
    order_id: orderId,
    payment_id: about,
    finding,
    ...repairOf(settled_by, orderId),
  }))
}

function repairOf(by: BillingFinding['settled_by'], orderId: string): Pick<Found, 'repair' | 'confirmation'> {
  switch (by) {
    case 'accept_price':
      return {
        repair: 'Accepts what is charged as the price of this order.',
        confirmation: `accept the lower price of order ${orderId}`,
      }
    case 'resume':
      return { repair: 'Resumes its server.', confirmation: `resume the server of order ${orderId}` }
    case undefined:
      return { repair: 'Looks up its subscription at Stripe again.', confirmation: null }
    default:
      return by satisfies never
  }
}
