import type { Money, Subscription } from '@spawnpoint/contracts'
import { isListed, planItemOf } from '../billing/find-plan.ts'
import { mergeSubscription } from '../billing/merge-billing-state.ts'
import { isOfSeveralPlans } from '../billing/quantity.ts'
import { type Decision, ignored, plainRules, type Rules } from '../order/decision.ts'
import { formatMoney } from '../order/format-money.ts'
import type { Order } from '../order/order.ts'
import { applyPlanChange } from './apply-plan-change.ts'
import { noEmail } from './order-from-payment.ts'
import { reevaluateOrder } from './reevaluate-order.ts'
import { isHeld, stillHeld } from './release-held-order.ts'

/** What this state of a subscription makes of the order that it pays for. */
export function applySubscription(
  order: Order,
  subscription: Subscription,
  rules: Rules = plainRules,
): Decision {
  const known = mergeSubscription(order, subscription, rules.catalogue)
  if (typeof known === 'string') return ignored(known)
  if (order.billing_status === 'unpaid') return beforeItsMoney(order, known, subscription)
  const released = isHeld(order) ? releaseByPrice(order, known, rules) : null
  if (released) return released
  const several = isHeld(order) ? stillHeld(order, known, rules) : null
  if (several) return several
  const isItsOwn = known.money.subscription?.subscription_id === subscription.subscription_id
  const note = isItsOwn ? noteOf(order, subscription) : null
  return reevaluateOrder(order, applyPlanChange(order, known, rules), { rules, note })
}

function beforeItsMoney(order: Order, known: Order, { status }: Subscription): Decision {
  if (status !== 'incomplete_expired' || order.status !== 'pending')
    return { kind: 'apply', event: null, note: null, order: known }
  const why = 'The first payment of its subscription never came'
  const next = { ...known, status: 'cancelled', error_message: why, version: order.version + 1 } as const
  return { kind: 'apply', event: 'order.changed', note: why, order: next }
}

// Which Price it was charged with, only the subscription may tell.
function releaseByPrice(order: Order, known: Order, rules: Rules): Decision | null {
  const plan = rules.catalogue.plans.get(known.plan)
  const item = planItemOf(known.money.subscription?.items, rules.catalogue)
  const first = known.money.payments.find(({ payment_id }) => payment_id === known.payment_id)
  if (!plan || !item || item.quantity !== 1 || !isListed(plan, item.price) || first?.status !== 'succeeded')
    return null
  if (isOfSeveralPlans(known.money.subscription?.items, rules.catalogue)) return null
  if (!rules.catalogue.regions.has(known.region) || known.customer.email === noEmail) return null
  const next = { ...known, price: plan.price, wanted: 'running', error_message: null } as const
  return reevaluateOrder(order, next, {
    rules,
    note: 'Released: its Price is listed under the plan',
    isPublished: true,
  })
}

function noteOf({ money: { subscription: before } }: Order, after: Subscription): string | null {
  if (after.cancel_at !== (before?.cancel_at ?? null))
    return after.cancel_at ? `It is to end at ${after.cancel_at}` : 'It is to go on after all'
  if (after.status !== before?.status && after.status === 'past_due')
    return after.note ?? 'Its renewal is not paid'
  return before && after.plan === before.plan ? priceNoteOf(before.price, after.price) : null
}

// Somebody changed it at Stripe without saying which plan that is to be.
function priceNoteOf(before: Money | null, after: Money | null): string | null {
  if (before?.amount === after?.amount && before?.currency === after?.currency) return null
  const inWords = (price: Money | null) => (price ? formatMoney(price) : 'several prices')
  return `It costs ${inWords(after)} from now on instead of ${inWords(before)}, and its plan stays`
}
