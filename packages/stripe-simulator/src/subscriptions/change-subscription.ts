import type Stripe from 'stripe'
import { type Account, type Cause, must } from '../account.ts'
import { differences } from '../differences.ts'

type Changes = Partial<Stripe.Subscription>

/** Changes a subscription and emits an event, unless nothing changes. */
export function changeSubscription(
  account: Account,
  id: string,
  changes: Changes | ((before: Stripe.Subscription) => Changes),
  cause?: Cause,
): Stripe.Subscription {
  const before = must(account.subscriptions, id)
  const after = { ...before, ...(typeof changes === 'function' ? changes(before) : changes) }
  if (Object.keys(differences(before, after)).length === 0) return before
  return account.change(account.subscriptions, before, after, 'customer.subscription.updated', cause)
}

export function isOver({ status }: Stripe.Subscription) {
  return status === 'canceled' || status === 'incomplete_expired'
}
