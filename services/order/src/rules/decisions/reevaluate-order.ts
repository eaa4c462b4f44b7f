import { isDeepStrictEqual } from 'node:util'
import type { OrderWarning } from '@spawnpoint/contracts'
import { summarizeBilling } from '../billing/billing-summary.ts'
import { type BillingEvaluation, evaluateBilling } from '../billing/evaluate-billing.ts'
import type { Applied, Rules } from '../order/decision.ts'
import type { Order } from '../order/order.ts'
import { defaultPolicy, type Policy } from '../order/policy.ts'
import { syncStatus } from '../order/sync-status.ts'

/** Evaluates an order after a change, and the event that publishes the result. */
export function reevaluateOrder(
  before: Order,
  written: Order,
  { rules, note = null, isPublished = false }: { rules: Rules; note?: string | null; isPublished?: boolean },
): Applied {
  const policy = policyOf(rules, written.plan)
  const evaluated = evaluateBilling(written, { policy, now: rules.now, catalogue: rules.catalogue })
  const after = oneAtATime(before, withStatus(evaluated), rules.now)
  const event = eventOf(before, after) ?? (isPublished ? 'order.changed' : null)
  const version = event === null ? before.version : before.version + 1
  return {
    kind: 'apply',
    event,
    note: note ?? noteOf(event, after, evaluated.why),
    order: { ...after, version },
    ...(isDeepStrictEqual(before.money.findings, after.money.findings) ? {} : { findingsChanged: true }),
    ...(after.plan === before.plan ? {} : { previousPlan: before.plan }),
  }
}

export function policyOf({ catalogue }: Rules, plan: string): Policy {
  return catalogue.plans.get(plan)?.policy ?? defaultPolicy
}

/** The status follows the server's as long as the order wants one; a hold takes its place. */
export function withStatus({ order, hold }: BillingEvaluation): Order {
  if (hold !== null) return { ...order, status: 'error', error_message: hold }
  return order.desired === 'running' || order.desired === 'suspended' ? syncStatus(order) : order
}

// A warning is an event of its own: it waits until the other one is published.
function oneAtATime(before: Order, after: Order, now: Date): Order {
  if (before.desired === after.desired || !isNewWarning(before.warning, after.warning)) return after
  return { ...after, warning: null, money_due_at: now.toISOString() }
}

function eventOf(before: Order, after: Order): Applied['event'] {
  if (before.desired !== after.desired) {
    if (after.desired === 'suspended') return 'order.suspended'
    if (after.desired === 'terminated') return 'order.ended'
    if (after.desired === 'none') return 'order.changed'
    return before.desired === 'none' ? 'order.paid' : 'order.resumed'
  }
  if (isNewWarning(before.warning, after.warning)) return 'order.warned'
  return isDeepStrictEqual(publishedOf(before), publishedOf(after)) ? null : 'order.changed'
}

function isNewWarning(before: OrderWarning | null, after: OrderWarning | null): boolean {
  return after !== null && (before?.step !== after.step || before.at !== after.at)
}

/** What is published: while an order is unpaid, nothing but its status. */
function publishedOf(order: Order) {
  if (order.billing_status === 'unpaid') return order.status
  const { billing_status, status, wanted, plan, region, price, paid_until, suspended_at } = order
  const { warning, refund_request, next_plan, next_plan_at, server_name, customer, payment_id } = order
  const { payments, subscription } = summarizeBilling(order, 0)
  const { findings = [] } = order.money
  return {
    ...{ billing_status, wanted, plan, region, price, paid_until, suspended_at, warning },
    ...{ refund_request, next_plan, next_plan_at, server_name, customer, payment_id, subscription },
    findings,
    payments: payments.map(({ version: _, ...payment }) => payment),
    isHeld: status === 'error' && order.desired === 'none',
  }
}

function noteOf(event: Applied['event'], { warning }: Order, why: string | null): string | null {
  switch (event) {
    case 'order.suspended':
      return `Suspended: ${why}`
    case 'order.resumed':
      return 'Resumed: its money is in order'
    case 'order.ended':
      return `Ended: ${why}`
    case 'order.warned':
      return warning && `To be ${done[warning.step]} at ${warning.at}: ${warning.reason}`
    default:
      return null
  }
}

const done = { suspend: 'suspended', terminate: 'terminated' } as const
