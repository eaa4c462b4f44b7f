import type { Payment, Subscription } from '@spawnpoint/contracts'
import { type BillingSummary, summarizeBilling } from '../billing/billing-summary.ts'
import { confirmableReasons } from '../billing/confirmations.ts'
import { mergePayments, mergeSubscriptions } from '../billing/merge-billing-state.ts'
import { unchargedChanges } from '../billing/plan-changes.ts'
import type { Rules } from '../order/decision.ts'
import type { Order } from '../order/order.ts'
import { applyPlanChange } from './apply-plan-change.ts'

/** What Stripe reports now of an order's money. */
export type Reported = {
  subscription: Subscription | null
  payments: Payment[]
  /** The Prices that its next invoice charges a change of plan for; absent where that was not asked. */
  pending_prices?: string[] | undefined
  /** Others that name the order. */
  other_subscriptions?: Subscription[] | undefined
}

/** The order with what Stripe reports of its money, and which reasons to suspend it that confirms. */
export function applyLookup(
  order: Order,
  { subscription, payments, pending_prices: pending, other_subscriptions: others = [] }: Reported,
  rules: Rules,
): Order {
  const ours = payments.filter((payment) => isOfOrder(order, payment))
  const paid = mergePayments(order, ours, rules.catalogue)
  const reported = [...(subscription === null ? [] : [subscription]), ...others]
  const known = mergeSubscriptions(paid, reported, rules.catalogue)
  const next = known === paid ? paid : applyPlanChange(order, known, rules)
  const summary = summarizeBilling(next, rules.now.getTime(), rules.catalogue)
  const { confirmed_given_up: _, change_lookup: __, ...money } = next.money
  const at = rules.now.toISOString()
  const confirmed = confirmableReasons(summary)
  const givenUp = summary.nonPayment?.isGivenUp ? { confirmed_given_up: true } : {}
  const change = changeLookup(next, { summary, pending, at }, rules)
  return { ...next, money: { ...money, asked_at: at, confirmed, ...givenUp, ...change } }
}

type Looked = { summary: BillingSummary; pending: string[] | undefined; at: string }

function changeLookup(
  order: Order,
  { summary, pending, at }: Looked,
  { catalogue, now }: Rules,
): Pick<Order['money'], 'change_lookup'> {
  const plan = catalogue.plans.get(order.plan)
  const [change] = unchargedChanges(order, summary, { plan, catalogue, now: now.getTime() })
  if (!change || pending === undefined) return {}
  const { price, until } = change
  return { change_lookup: { price, until, is_pending: pending.includes(price), at } }
}

// What comes in for the first time is decided when its event is processed.
function isOfOrder({ money, subscription_id }: Order, payment: Payment): boolean {
  if (payment.status !== 'succeeded' && payment.kind === 'first') return false
  const isKnown = money.payments.some(({ payment_id }) => payment_id === payment.payment_id)
  return isKnown || (payment.kind !== 'first' && payment.subscription_id === subscription_id)
}
