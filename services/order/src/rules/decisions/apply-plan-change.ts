import { msOf, summarizeBilling } from '../billing/billing-summary.ts'
import { findPlan, planItemOf } from '../billing/find-plan.ts'
import type { Catalogue, Plan } from '../order/catalogue.ts'
import type { Rules } from '../order/decision.ts'
import type { Order } from '../order/order.ts'

/**
 * The order with the plan that its subscription pays for by now. What is to change with the next period waits until that is
 * paid; and what the seller changed meanwhile stands until the subscription changes again.
 */
export function applyPlanChange(before: Order, order: Order, { catalogue }: Rules): Order {
  const was = planOf(before, catalogue)
  const is = planOf(order, catalogue)
  const isRenewed =
    (summarizeBilling(order, 0, catalogue).paidUntil ?? 0) >
    (msOf(order.next_plan_at) ?? Number.POSITIVE_INFINITY)
  const kept = isRenewed ? { ...order, next_plan: null, next_plan_at: null } : order
  const isWaiting = order.next_plan !== null && order.next_plan === is?.id
  const changes = isWaiting ? isRenewed : is?.id !== was?.id
  if (!changes || order.wanted === null || is === null || is.id === order.plan) return kept
  return { ...kept, plan: is.id, price: is.price, next_plan: null, next_plan_at: null }
}

/** The plan that the subscription charges for, by its Price or by metadata; null where that is none of ours. */
function planOf({ money: { subscription } }: Order, catalogue: Catalogue): Plan | null {
  if (subscription === null) return null
  const item = planItemOf(subscription.items, catalogue)
  return findPlan(catalogue, { prices: [item?.price ?? null], name: item?.plan ?? subscription.plan })
}
