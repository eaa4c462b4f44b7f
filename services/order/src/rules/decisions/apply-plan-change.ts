import { msOf, summarizeBilling } from '../billing/billing-summary.ts'
import { findPlan, planItemOf } from '../billing/find-plan.ts'
import type { Catalogue, Plan } from '../order/catalogue.ts'
import type { Rules } from '../order/decision.ts'
import type { Order } from '../order/order.ts'

/**
 * The order with the plan that its subscription pays for by now. What is to change with the next period waits until that is
 * paid; and what the seller changed meanwhile stands until the subscription changes again.
 */
export function applyPlanChange(before: Order, order: Order, rules: Rules): Order {
  return withPriceOfToday(before, withPlanOf(before, order, rules), rules)
}

// Who pays by a new subscription what the plan costs today, is compared with that from now on.
function withPriceOfToday(before: Order, order: Order, { catalogue }: Rules): Order {
  const isRenewed = before.payment_id !== null && before.payment_id !== order.payment_id
  const price = catalogue.plans.get(order.plan)?.price
  const first = order.money.payments.find(({ payment_id }) => payment_id === order.payment_id)
  if (!isRenewed || before.wanted === null || !price || first?.paid.currency !== price.currency) return order
  const { plan_line: line, paid } = first
  const charged = line && !line.proration ? line.amount : paid.amount
  return charged >= price.amount ? { ...order, price } : order
}

function withPlanOf(before: Order, order: Order, { catalogue }: Rules): Order {
  const was = planOf(before, catalogue)
  const is = planOf(order, catalogue)
  const isRenewed =
    (summarizeBilling(order, 0, catalogue).paidUntil ?? 0) >
    (msOf(order.next_plan_at) ?? Number.POSITIVE_INFINITY)
  // The subscription had the coming plan already, and somebody has changed it back.
  const isUndone = order.next_plan !== null && was?.id === order.next_plan && is?.id === order.plan
  const kept = isRenewed || isUndone ? { ...order, next_plan: null, next_plan_at: null } : order
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
