import type Stripe from 'stripe'
import { type Account, type Cause, must } from '../account.ts'
import { voidInvoice } from '../invoices/close-invoice.ts'
import { subscriptionItems } from '../objects/subscription.ts'
import { changeSubscription } from './change-subscription.ts'

/** How long a change waits for its money. */
const waitsForS = 23 * 3600

/** The change waits in `pending_update` until its invoice is paid. */
export function holdUpdate(
  account: Account,
  id: string,
  wanted: { items: Stripe.SubscriptionItem[]; invoice: string; anchor: number | null },
  cause: Cause,
) {
  return changeSubscription(
    account,
    id,
    {
      latest_invoice: wanted.invoice,
      pending_update: {
        billing_cycle_anchor: wanted.anchor,
        cancel_at_period_end: null,
        discount: null,
        discounts: null,
        expires_at: account.seconds() + waitsForS,
        metadata: null,
        subscription_items: wanted.items,
        trial_end: null,
        trial_from_plan: null,
      },
    },
    cause,
  )
}

export function isPendingFor(subscription: Stripe.Subscription, invoice: Stripe.Invoice) {
  return subscription.pending_update !== null && subscription.latest_invoice === invoice.id
}

export function applyPendingUpdate(account: Account, id: string) {
  const applied = changeSubscription(account, id, ({ items, pending_update: pending, ...before }) => ({
    billing_cycle_anchor: pending?.billing_cycle_anchor ?? before.billing_cycle_anchor,
    items: subscriptionItems(id, inTodaysPeriod(items.data, pending)),
    pending_update: null,
  }))
  account.emit('customer.subscription.pending_update_applied', applied)
}

/** A renewal may have come while the change waited: its period stays, unless the change began one of its own. */
function inTodaysPeriod(
  current: Stripe.SubscriptionItem[],
  pending: Stripe.Subscription.PendingUpdate | null,
): Stripe.SubscriptionItem[] {
  const wanted = pending?.subscription_items ?? current
  if (pending?.billing_cycle_anchor != null) return wanted
  return wanted.map((item) => {
    const { current_period_start, current_period_end } = current.find(({ id }) => id === item.id) ?? item
    return { ...item, current_period_start, current_period_end }
  })
}

/**
 * Nobody paid in time, or another change took its place: the change is forgotten, and its invoice void.
 * Source: docs.stripe.com/billing/subscriptions/pending-updates-reference (Expiration).
 */
export function expirePendingUpdate(account: Account, id: string) {
  const { latest_invoice } = must(account.subscriptions, id)
  const expired = dropPendingUpdate(account, id)
  account.emit('customer.subscription.pending_update_expired', expired)
  const invoice = account.invoices.get(String(latest_invoice))
  if (invoice?.status === 'open') voidInvoice(account, invoice)
}

export function dropPendingUpdate(account: Account, id: string) {
  return changeSubscription(account, id, { pending_update: null })
}
