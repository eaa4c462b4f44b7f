import { forgottenCustomer } from '@spawnpoint/contracts'
import type { Applied } from './decision.ts'
import type { Order } from './order.ts'

type Facts = Pick<Order, 'desired' | 'status' | 'billing_status'> & {
  /** Until when its checkout may still bring a payment. */
  payableUntil: Date
}

/** Why the customer of this order cannot be forgotten yet, and what ends that; null where they can. */
export function whyNotForgettable(order: Facts, now: Date): { why: string; next: string } | null {
  if (order.desired === 'running' || order.desired === 'suspended')
    return {
      why: `it is ${order.status}, and its server belongs to its customer`,
      next: 'End it first: POST /admin/orders/:id/terminate, or POST /orders/:id/cancel.',
    }
  if (order.desired === 'none' && order.billing_status !== 'unpaid')
    return {
      why: 'it is paid and held for a decision',
      next: 'Decide it (POST /admin/orders/:id/decide) or end it (POST /admin/orders/:id/terminate).',
    }
  if (order.status === 'pending' && order.payableUntil > now)
    return {
      why: `it is open, and may be paid until ${order.payableUntil.toISOString()}`,
      next: 'Cancel it first (POST /orders/:id/cancel {"when": "now"}), or wait until then.',
    }
  return null
}

/** The order without its customer: what was sold, and what was paid for it, stays. Null where they are forgotten already. */
export function forgetOrder(order: Order, withoutPerson: (json: string) => string): Applied | null {
  if (order.customer.email === forgottenCustomer.email) return null
  const { money, warning, refund_request, error_message, server_error } = order
  const rest = { money, warning, refund_request, error_message, server_error }
  return {
    kind: 'apply',
    event: 'order.changed',
    note: 'Customer forgotten',
    order: {
      ...order,
      ...(JSON.parse(withoutPerson(JSON.stringify(rest))) as typeof rest),
      version: order.version + 1,
      customer: forgottenCustomer,
      server_name: 'Forgotten',
      environment: {},
    },
  }
}
