import type { ChangeSubscription } from '@spawnpoint/contracts'
import type Stripe from 'stripe'
import { isEnded } from '../rules/subscription.ts'
import { cancellationMark, markName } from './cancellation-mark.ts'

export type PlanChange = Extract<ChangeSubscription['change'], { do: 'change-plan' }>
type OtherChange = Exclude<ChangeSubscription['change'], PlanChange>

export type RequiredCall =
  /** It is in the requested state already. */
  | { do: 'nothing' }
  | { do: 'refuse'; why: string }
  | { do: 'cancel' }
  | { do: 'update'; params: Stripe.SubscriptionUpdateParams }

/**
 * The call that brings a subscription into the requested state; idempotent, since it depends on the current state. An end that a
 * person asks for is that person's, even where we have set the same one before.
 */
export function requiredChange(
  subscription: Stripe.Subscription,
  change: OtherChange,
  stripeTime: Date,
): RequiredCall {
  const { id, cancel_at_period_end, cancel_at } = subscription
  const unmarked = subscription.metadata[markName] ? { metadata: { [markName]: '' } } : {}
  if (isEnded(subscription))
    return change.do === 'cancel' ? { do: 'nothing' } : { do: 'refuse', why: endedMessage(id) }
  if (change.do === 'keep') {
    if (cancel_at_period_end) return { do: 'update', params: { cancel_at_period_end: false, ...unmarked } }
    return cancel_at === null ? { do: 'nothing' } : { do: 'update', params: { cancel_at: '', ...unmarked } }
  }
  if (change.when === 'now') return { do: 'cancel' }
  const { because } = change
  if (cancel_at_period_end)
    return because || !unmarked.metadata ? { do: 'nothing' } : { do: 'update', params: unmarked }
  const marked = because ? { metadata: cancellationMark(because, stripeTime) } : unmarked
  return { do: 'update', params: { cancel_at_period_end: true, ...marked } }
}

/** An immediate change counts only once it is paid; any other takes effect with the next invoice. */
export function requiredPlanChange(
  subscription: Stripe.Subscription,
  { when }: PlanChange,
  { item, price }: { item: Stripe.SubscriptionItem; price: string },
): RequiredCall {
  if (isEnded(subscription)) return { do: 'refuse', why: endedMessage(subscription.id) }
  if (item.price.id === price) return { do: 'nothing' }
  const items = [{ id: item.id, price, quantity: item.quantity ?? 1 }]
  return {
    do: 'update',
    params:
      when === 'now'
        ? { items, proration_behavior: 'always_invoice', payment_behavior: 'pending_if_incomplete' }
        : { items, proration_behavior: 'none' },
  }
}

/** The item of the plan: the first that names one, else the first. */
export function planItemOf({ items }: Stripe.Subscription): Stripe.SubscriptionItem | undefined {
  return items.data.find(({ price }) => Boolean(price.metadata.plan)) ?? items.data[0]
}

function endedMessage(id: string): string {
  return `Subscription ${id} has ended and can no longer be changed.`
}
