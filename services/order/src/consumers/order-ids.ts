import { derivedId } from '@spawnpoint/messaging'
import {
  isPayment,
  isServer,
  type OrderInput,
  type PaymentEvent,
  type SubscriptionEvent,
} from '../rules/decisions/decide-event.ts'
import { ordersBilledBy } from '../store/orders.ts'
import type { Tx } from '../store/tx.ts'

/** The orders that an event may be about, the first of those that there are; the first of all when there is none yet. */
export async function openOrderIds(db: Tx, events: OrderInput[]): Promise<(event: OrderInput) => string[]> {
  // Of subscriptions that name no order and have more to say than their first payment.
  const later = events.flatMap((event) => {
    if (isServer(event) || event.data.order_id !== null) return []
    return isPayment(event) && event.data.kind === 'first' ? [] : (event.data.subscription_id ?? [])
  })
  const known = await ordersBilledBy(db, [...new Set(later)])
  return (event) => (isServer(event) ? [event.data.order_id] : orderIdsOf(event, known))
}

/** Derived from what is paid, so that a repeat begins no second order. What was once named after its session stays so. */
export function orderIdsOf(
  { data }: Pick<PaymentEvent | SubscriptionEvent, 'data'>,
  known: Map<string, string>,
): string[] {
  if (data.order_id !== null) return [data.order_id]
  if (!('payment_id' in data)) return named(data.subscription_id, known)
  const { payment_id, subscription_id, checkout_session_id: session } = data
  return [
    ...named(subscription_id ?? payment_id, known),
    ...(session && session !== payment_id ? [derivedId(session, 'order')] : []),
  ]
}

function named(id: string, known: Map<string, string>): string[] {
  const own = derivedId(id, 'order')
  const other = known.get(id)
  return other && other !== own ? [other, own] : [own]
}
