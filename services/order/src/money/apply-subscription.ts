import type { Money, Subscription } from '@spawnpoint/contracts'
import { type Decision, ignored, plainRules, type Rules } from '../decision.ts'
import type { Order } from '../order.ts'
import { followMoney } from './follow-money.ts'
import { followPlan } from './follow-plan.ts'
import { knowSubscription } from './know-money.ts'

/** What this state of a subscription makes of the order that it pays for. */
export function applySubscription(
  order: Order,
  subscription: Subscription,
  rules: Rules = plainRules,
): Decision {
  const known = knowSubscription(order, subscription)
  if (typeof known === 'string') return ignored(known)
  if (order.billing_status === 'unpaid') return beforeItsMoney(order, known, subscription)
  const isItsOwn = known.money.subscription?.subscription_id === subscription.subscription_id
  const note = isItsOwn ? noteOf(order, subscription) : null
  return followMoney(order, followPlan(order, known, rules), { rules, note })
}

function beforeItsMoney(order: Order, known: Order, { status }: Subscription): Decision {
  if (status !== 'incomplete_expired' || order.status !== 'pending')
    return { kind: 'apply', event: null, note: null, order: known }
  const why = 'The first payment of its subscription never came'
  const next = { ...known, status: 'cancelled', error_message: why, version: order.version + 1 } as const
  return { kind: 'apply', event: 'order.changed', note: why, order: next }
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
  const inWords = (price: Money | null) => (price ? `${price.amount} ${price.currency}` : 'several prices')
  return `It costs ${inWords(after)} (minor units) from now on instead of ${inWords(before)}, and its plan stays`
}
