import { hasEnded } from '../billing/has-ended.ts'
import type { Catalogue, Plan } from '../order/catalogue.ts'
import type { Order } from '../order/order.ts'
import type { Refusal } from './validate-plan-change.ts'

export type Renewable = {
  kind: 'renewable'
  plan: Plan & { interval: 'month' | 'year' }
  /** The subscription that is over. */
  renews: string
}
/** As far as is known here it goes on; Stripe has the last word. */
type GoesOn = { kind: 'goes-on'; subscription_id: string }

/** Whether an order may be paid for by a new subscription. `unknown`: subscriptions that Stripe has no longer. */
export function validateRenewal(
  order: Order,
  { plans }: Catalogue,
  unknown?: string[],
): Renewable | GoesOn | Refusal {
  if (order.wanted === 'suspended' && order.desired !== 'terminated')
    return refused(
      'order_suspended',
      `Its seller has suspended its server: POST /admin/orders/${order.id}/resume comes first.`,
    )
  const checked = checkEnded(order, unknown)
  return checked.kind === 'ended' ? onPlan(order, plans.get(order.plan), checked.subscription_id) : checked
}

type Ended = { kind: 'ended'; subscription_id: string }

/** Whether the subscription of an order that still has its server is over. */
export function checkEnded(
  { id, subscription_id, desired, wanted, billing_status, money }: Order,
  unknown: string[] = money.unknown_subscriptions ?? [],
): Ended | GoesOn | Refusal {
  if (billing_status === 'unpaid')
    return refused('order_not_paid', 'It was never paid: POST /orders gives the page to pay it on.')
  if (desired === 'terminated')
    return refused(
      'order_terminated',
      'It has ended for good and its files are gone: place a new order with POST /orders.',
    )
  if (wanted === null)
    return refused(
      'order_without_server',
      `It is held and has no server: POST /admin/orders/${id}/decide decides it.`,
    )
  if (subscription_id === null)
    return refused('order_paid_once', 'It is paid once and for good: there is nothing to renew.')
  const isEnded = unknown.includes(subscription_id) || hasEnded(money.subscription)
  return { kind: isEnded ? 'ended' : 'goes-on', subscription_id }
}

function onPlan({ plan: id }: Order, plan: Plan | undefined, renews: string): Renewable | Refusal {
  if (!plan)
    return refused(
      'unknown_plan',
      `Its plan ${JSON.stringify(id)} is not for sale any more: place a new order.`,
    )
  const { interval } = plan
  if (interval === null)
    return refused('plan_paid_once', `Its plan ${id} is paid once by now: place a new order.`)
  return { kind: 'renewable', plan: { ...plan, interval }, renews }
}

function refused(code: string, why: string): Refusal {
  return { kind: 'refused', code, why }
}
