import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { Due } from '../clock/agenda.ts'
import { voidInvoice } from '../invoices/close-invoice.ts'
import { endSubscription } from './cancel-subscription.ts'
import { changeSubscription, isOver } from './change-subscription.ts'
import { isAnnounced, resumeCollection } from './paused-collection.ts'
import { expirePendingUpdate } from './pending-update.ts'
import { nextPeriodEnd } from './periods.ts'
import { announceRenewal, renewSubscription } from './renew-subscription.ts'

/** What time brings to a subscription. */
export function* subscriptionDues(account: Account): Generator<Due> {
  for (const subscription of account.subscriptions.all()) {
    if (isOver(subscription)) continue
    if (subscription.status === 'incomplete') yield expiry(account, subscription)
    else yield* duesOf(account, subscription)
  }
}

const day = 86_400
/** How long the buyer has for the first payment. */
const firstPaymentWithinS = 23 * 3600

function expiry(account: Account, { id, created, latest_invoice }: Stripe.Subscription): Due {
  return {
    at: created + firstPaymentWithinS,
    rank: 1,
    act() {
      changeSubscription(account, id, { ended_at: account.seconds(), status: 'incomplete_expired' })
      const invoice = account.invoices.get(String(latest_invoice))
      if (invoice?.status === 'open') voidInvoice(account, invoice)
    },
  }
}

function* duesOf(account: Account, subscription: Stripe.Subscription): Generator<Due> {
  const { id, cancel_at, pending_update } = subscription
  if (cancel_at !== null) {
    yield {
      at: cancel_at,
      rank: 1,
      act: () => void endSubscription(account, id, { reason: 'cancellation_requested' }),
    }
  }
  const { pause_collection: pause } = subscription
  if (pause && pause.resumes_at !== null) {
    yield { at: pause.resumes_at, rank: 2, act: () => void resumeCollection(account, id) }
  }
  if (pending_update) {
    yield { at: pending_update.expires_at, rank: 3, act: () => expirePendingUpdate(account, id) }
  }
  if (subscription.status === 'paused') return
  yield { at: nextPeriodEnd(subscription), rank: 4, act: () => renewSubscription(account, id) }
  yield* notices(account, subscription)
}

function* notices(account: Account, subscription: Stripe.Subscription): Generator<Due> {
  const { id, cancel_at, trial_end, status, items } = subscription
  const { trial_will_end_days, upcoming_days } = account.billing
  const once = (key: string, at: number, act: () => void): Due[] => {
    if (account.milestones.has(key)) return []
    const notBefore = Math.max(at, items.data[0]?.current_period_start ?? 0)
    const announce = () => {
      account.milestones.add(key)
      act()
    }
    return [{ at: notBefore, rank: 5, act: announce }]
  }
  if (status === 'trialing' && trial_end !== null) {
    yield* once(`trial-will-end/${id}/${trial_end}`, trial_end - trial_will_end_days * day, () =>
      account.emit('customer.subscription.trial_will_end', account.subscriptions.get(id) ?? subscription),
    )
  }
  const end = nextPeriodEnd(subscription)
  if (status === 'unpaid' || !isAnnounced(subscription, end) || (cancel_at !== null && cancel_at <= end))
    return
  yield* once(`upcoming/${id}/${end}`, end - upcoming_days * day, () => announceRenewal(account, id))
}
