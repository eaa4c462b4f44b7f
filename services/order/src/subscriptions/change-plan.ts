import type { Subscription } from '@spawnpoint/contracts'
import { Problem } from '@spawnpoint/service-kit'
import { requireFit } from '../commands/require-fit.ts'
import { changeAtGateway, isRefusal, problemOf } from '../peers/gateway.ts'
import { applySubscription } from '../rules/decisions/apply-subscription.ts'
import { reevaluateOrder } from '../rules/decisions/reevaluate-order.ts'
import {
  type PlanRequest,
  type Refusal,
  validatePlanChange,
} from '../rules/decisions/validate-plan-change.ts'
import type { Order } from '../rules/order/order.ts'
import { readCatalogue } from '../store/catalogue.ts'
import { findOrder } from '../store/orders.ts'
import { type SubscriptionContext, writeOrder } from './write-order.ts'

type Asked = { id: string; by: string }
type Next = Pick<Order, 'next_plan' | 'next_plan_at' | 'delivery'>

/**
 * Another plan for an order that a subscription pays for. Whether its node has room is asked before any money moves; the plan
 * of the order then follows what the subscription says: at once, or with its next period, once that is paid. Returns what may go wrong although
 * it fits; a preview ends there.
 */
export async function changePlan(
  context: SubscriptionContext,
  asked: Asked,
  request: PlanRequest,
  { isPreview }: { isPreview: boolean },
): Promise<string[]> {
  const { id } = asked
  const order = await findOrder(context.prisma, id)
  const wanted = validatePlanChange(order, request, await readCatalogue(context.prisma))
  if (wanted.kind === 'unchanged') return []
  if (wanted.kind === 'refused') throw refusalOf(id, wanted)
  const { plan, subscription, next, when } = wanted
  const warnings = request.plan === order.plan ? [] : await requireFit(context, order, request)
  if (isPreview) return warnings
  // Saved first: an event about it may arrive before the answer.
  const delivery = { ...order.delivery, reinstall_for: request.reinstall ? request.plan : null }
  await planNext(context, asked, { ...next, delivery })
  try {
    const answer = await changeAtGateway(context, {
      request_id: `${id}/plan/${request.plan}/${when}/${subscription.version}`,
      subscription_id: subscription.subscription_id,
      change: {
        do: 'change-plan',
        plan: plan.id,
        product_name: plan.name,
        price: plan.price,
        interval: plan.interval,
        when,
      },
    })
    await applyAnswer(context, { ...asked, what: 'plan' }, answer)
  } catch (error) {
    if (isRefusal(error)) await planNext(context, asked, order)
    throw problemOf(id, error)
  }
  return warnings
}

/** Applies the gateway's answer as if it were an event. */
export async function applyAnswer(
  context: SubscriptionContext,
  asked: Asked & { what: string },
  answer: Subscription,
): Promise<void> {
  await writeOrder(context, asked, (order, rules) => {
    const decision = applySubscription(order, answer, rules)
    return decision.kind === 'apply' ? decision : null
  })
}

export function refusalOf(id: string, { code, why }: Refusal): Problem {
  return new Problem(409, code, `Order ${id} stays as it is. ${why}`)
}

async function planNext(context: SubscriptionContext, asked: Asked, next: Next): Promise<void> {
  const { next_plan, next_plan_at, delivery } = next
  const { reinstall_for = null } = delivery
  await writeOrder(context, { ...asked, what: 'plan' }, (order, rules) => {
    const isSame = order.next_plan === next_plan
    if (isSame && (order.delivery.reinstall_for ?? null) === reinstall_for) return null
    const written = { ...order, next_plan, next_plan_at, delivery: { ...order.delivery, reinstall_for } }
    const note = isSame ? agreed(reinstall_for) : withNextPeriod(next_plan)
    return reevaluateOrder(order, written, { rules, note, isPublished: true })
  })
}

function withNextPeriod(plan: string | null): string {
  return plan ? `To the plan ${plan} with its next period` : 'No other plan with its next period'
}

function agreed(plan: string | null): string {
  return plan ? `Its server may be reinstalled for the plan ${plan}` : 'Its server may not be reinstalled'
}
