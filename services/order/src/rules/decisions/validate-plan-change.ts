import type { Subscription } from '@spawnpoint/contracts'
import { hasEnded } from '../billing/has-ended.ts'
import type { Catalogue, Plan } from '../order/catalogue.ts'
import type { Order } from '../order/order.ts'

/** `reinstall`: it is agreed that the server is reinstalled, where the plan is of another egg. */
export type PlanRequest = { plan: string; when: 'now' | 'period_end'; reinstall?: boolean }

type Granted = {
  kind: 'granted'
  plan: Plan & { interval: 'month' | 'year' }
  subscription: Subscription
  /** What is to change with the next period. */
  next: Pick<Order, 'next_plan' | 'next_plan_at'>
  /** When it changes at Stripe. */
  when: PlanRequest['when']
}
export type Refusal = { kind: 'refused'; code: string; why: string }

/** Whether an order may change its plan by its subscription. */
export function validatePlanChange(
  order: Order,
  { plan: id, when }: PlanRequest,
  { plans }: Catalogue,
): Granted | Refusal | { kind: 'unchanged' } {
  const checked = checkSubscription(order)
  if (checked.kind === 'refused') return checked
  const plan = plans.get(id)
  if (!plan) return refused('unknown_plan', `There is no plan ${JSON.stringify(id)}; GET /plans lists them.`)
  const { interval } = plan
  if (interval === null)
    return refused('plan_paid_once', `The plan ${id} is paid once, not by the month or year.`)
  if (plan.price.currency !== order.price.currency)
    return refused(
      'other_currency',
      `The plan ${id} costs ${plan.price.currency}, the order is paid in ${order.price.currency}.`,
    )
  if (order.billing_status !== 'paid')
    return refused('order_not_paid', `It is ${order.billing_status}: its plan can change once it is paid.`)
  if (id === order.plan && order.next_plan === null) return { kind: 'unchanged' }
  if (id === order.next_plan && when === 'period_end') return { kind: 'unchanged' }
  if (when === 'now' && order.next_plan !== null && id !== order.plan)
    return refused(
      'change_waits',
      `It changes to ${order.next_plan} with its next period. Change it back to ${order.plan} first, which costs nothing.`,
    )
  const known = checked.subscription.interval
  if (when === 'period_end' && known !== null && known !== interval)
    return refused(
      'other_interval',
      `It is paid by the ${known}, the plan ${id} by the ${interval}: Stripe would charge that at once and count nothing of what is paid. Change it now, and the difference is invoiced.`,
    )
  const isLater = when === 'period_end' && id !== order.plan
  const until = order.paid_until ?? checked.subscription.current_period_end
  const next = isLater ? { next_plan: id, next_plan_at: until } : { next_plan: null, next_plan_at: null }
  // Stripe has the price of the next period already: what is left of that, nobody paid for.
  const isTakenBack = id === order.plan
  return {
    kind: 'granted',
    plan: { ...plan, interval },
    subscription: checked.subscription,
    next,
    when: isTakenBack ? 'period_end' : when,
  }
}

/** Whether an order has a subscription that can be changed. */
export function checkSubscription(order: Order): { kind: 'found'; subscription: Subscription } | Refusal {
  if (order.desired === 'terminated')
    return refused('order_terminated', 'It has ended for good: its customer needs a new order.')
  const { subscription } = order.money
  if (order.wanted === null) return refused('order_without_server', 'No server is wanted for it yet.')
  if (!subscription || order.subscription_id === null)
    return refused(
      'order_without_subscription',
      `No subscription pays for it: POST /admin/orders/${order.id}/change-plan changes its plan, and …/terminate ends it.`,
    )
  if (hasEnded(subscription))
    return refused('subscription_over', 'Its subscription is over: its customer needs a new order.')
  return { kind: 'found', subscription }
}

function refused(code: string, why: string): Refusal {
  return { kind: 'refused', code, why }
}
