import type { Order } from '../order/order.ts'
import { mayRenew } from './suspension-reasons.ts'

type Known = Pick<
  Order,
  | 'id'
  | 'subscription_id'
  | 'money'
  | 'delivery'
  | 'ptero_server_id'
  | 'server_version'
  | 'checkout_session_id'
>

/**
 * Whether the subscription of an order that ends may be cancelled at Stripe: it may charge again, and it is certain to be of this
 * order. Another product on the same account may carry a `plan` in its metadata too, and its customers never had a server here.
 */
export function mayEnd(order: Known): boolean {
  if (!mayRenew(order) || order.money.subscription_after_end === 'keep') return false
  return isCertainlyOurs(order) || order.money.subscription_after_end === 'cancel'
}

/** It was sold on a page that we made, or its server was; and its subscription has not come to name another order. */
export function isCertainlyOurs(order: Known): boolean {
  if (otherOrderOf(order) !== null) return false
  const { delivery, ptero_server_id, server_version, checkout_session_id } = order
  return checkout_session_id !== null || delivery.delivered || ptero_server_id !== null || server_version > 0
}

/** The order that its subscription names instead (metadata `order_id`), which somebody has changed at Stripe. */
export function otherOrderOf({ id, money: { subscription } }: Pick<Known, 'id' | 'money'>): string | null {
  const named = subscription?.order_id ?? null
  return named === id ? null : named
}
