import type { Rules } from '../decision.ts'
import type { Order } from '../order.ts'
import { accountOf, msOf } from './account.ts'

/**
 * The order with the plan that its subscription pays for by now. What is to change with the next period waits until that is
 * paid; and what the seller changed meanwhile stands until the subscription changes again.
 */
export function followPlan(before: Order, order: Order, { catalogue }: Rules): Order {
  const was = before.money.subscription?.plan ?? null
  const is = order.money.subscription?.plan ?? null
  const isRenewed =
    (accountOf(order, 0).paidUntil ?? 0) > (msOf(order.next_plan_at) ?? Number.POSITIVE_INFINITY)
  const kept = isRenewed ? { ...order, next_plan: null, next_plan_at: null } : order
  const isWaiting = order.next_plan !== null && order.next_plan === is
  const changes = isWaiting ? isRenewed : is !== was
  if (!changes || order.wanted === null || is === null || is === order.plan) return kept
  const plan = catalogue.plans.get(is)
  if (!plan) return kept
  return { ...kept, plan: is, price: plan.price, next_plan: null, next_plan_at: null }
}
