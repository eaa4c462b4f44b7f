import { derivedId } from '@spawnpoint/messaging'
import { checkoutSession, type SnapshotEvent, stripeEvent } from '@spawnpoint/stripe-simulator'
import { sold } from './catalogue.ts'

export type LinkPayment = { event: SnapshotEvent; orderId: string }

/** Paid on a Payment Link whose metadata names what is sold: this payment begins its order by itself. */
export function linkPayment(buyer: string): LinkPayment {
  const session = checkoutSession({
    amount_total: sold.amount,
    currency: sold.currency,
    customer_email: `${buyer}@example.com`,
    metadata: { plan: sold.plan, region: sold.region, server_name: `Server of ${buyer}` },
    payment_link: 'plink_1SpawnpointBenchmarkLink',
  })
  return {
    event: stripeEvent('checkout.session.completed', session),
    orderId: derivedId(session.id, 'order'),
  }
}
