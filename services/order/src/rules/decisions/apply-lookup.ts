import type { Payment, Subscription } from '@spawnpoint/contracts'
import { summarizeBilling } from '../billing/billing-summary.ts'
import { confirmableReasons } from '../billing/confirmations.ts'
import { mergePayments, mergeSubscription } from '../billing/merge-billing-state.ts'
import type { Rules } from '../order/decision.ts'
import type { Order } from '../order/order.ts'
import { applyPlanChange } from './apply-plan-change.ts'

/** What Stripe reports now of an order's money. */
export type Reported = { subscription: Subscription | null; payments: Payment[] }

/** The order with what Stripe reports of its money, and which reasons to suspend it that confirms. */
export function applyLookup(order: Order, { subscription, payments }: Reported, rules: Rules): Order {
  const ours = payments.filter((payment) => isOfOrder(order, payment))
  const paid = mergePayments(order, ours, rules.catalogue)
  const known = subscription === null ? paid : mergeSubscription(paid, subscription, rules.catalogue)
  const next = typeof known === 'string' ? paid : applyPlanChange(order, known, rules)
  const summary = summarizeBilling(next, rules.now.getTime(), rules.catalogue)
  const { confirmed_given_up: _, ...money } = next.money
  const confirmed = confirmableReasons(summary)
  const givenUp = summary.nonPayment?.isGivenUp ? { confirmed_given_up: true } : {}
  return { ...next, money: { ...money, asked_at: rules.now.toISOString(), confirmed, ...givenUp } }
}

// What comes in for the first time is decided when its event is processed.
function isOfOrder({ money, subscription_id }: Order, payment: Payment): boolean {
  if (payment.status !== 'succeeded' && payment.kind === 'first') return false
  const isKnown = money.payments.some(({ payment_id }) => payment_id === payment.payment_id)
  return isKnown || (payment.kind !== 'first' && payment.subscription_id === subscription_id)
}
