import type Stripe from 'stripe'
import { type Account, must } from '../account.ts'
import { partOf } from '../amounts.ts'
import { draftInvoice, draftOf } from '../invoices/draft-invoice.ts'
import { cardOf } from '../payments/cards.ts'
import { endSubscription } from './cancel-subscription.ts'
import { changeSubscription } from './change-subscription.ts'
import { pauseSubscription } from './pause-subscription.ts'
import { closePaused } from './paused-collection.ts'
import { linesOf, takePending } from './pending-lines.ts'
import { nextPeriodEnd, renewed, withItems } from './periods.ts'

/** The items whose period is over begin a new one, and an invoice asks for it. One that is `unpaid` stays a draft. */
export function renewSubscription(account: Account, id: string) {
  const before = must(account.subscriptions, id)
  if (before.status === 'trialing' && cardOf(account, before.customer) === 'none') {
    const ended = endTrialUnpaid(account, before)
    if (ended) return
  }
  const now = account.seconds()
  const { items, lines } = nextPeriod(account, id, now)
  const period = before.items.data.find((item) => item.current_period_end <= now)
  const draft = draftInvoice(account, before, {
    lines,
    reason: 'subscription_cycle',
    finalizesAt: isLeft(before) ? null : now + account.billing.finalize_after_seconds,
    period: { start: period?.current_period_start ?? now, end: period?.current_period_end ?? now },
  })
  takePending(account, before, draft.id)
  changeSubscription(account, id, {
    ...withItems(before, items),
    latest_invoice: draft.id,
    ...(before.status === 'trialing' && { status: 'active' }),
  })
  if (before.pause_collection && before.status !== 'unpaid') {
    closePaused(account, before.pause_collection, must(account.invoices, draft.id))
  }
}

/** Nobody but the seller is going to finalize it. */
function isLeft({ status, pause_collection }: Stripe.Subscription) {
  return status === 'unpaid' || pause_collection !== null
}

/**
 * A trial ends and there is nothing to charge: the subscription stands still or is over, if the seller wants it so.
 * Source: docs.stripe.com/billing/subscriptions/trials#create-free-trials-without-payment.
 */
function endTrialUnpaid(account: Account, { id, trial_settings }: Stripe.Subscription) {
  switch (trial_settings?.end_behavior.missing_payment_method) {
    case 'pause':
      return pauseSubscription(account, id, 'trial_end_without_payment_method')
    case 'cancel':
      return endSubscription(account, id, { reason: null })
    default:
      return undefined
  }
}

/** Says what the next invoice is going to ask for. There is no such invoice yet, and so it has no id. */
export function announceRenewal(account: Account, id: string) {
  const subscription = must(account.subscriptions, id)
  const end = nextPeriodEnd(subscription)
  const { lines } = nextPeriod(account, id, end)
  const period = subscription.items.data.find((item) => item.current_period_end === end)
  const { id: _, ...upcoming } = draftOf(account, subscription, 'upcoming', {
    lines: lines.map((line) => ({ ...line, invoice: null })),
    reason: 'upcoming',
    finalizesAt: end + account.billing.finalize_after_seconds,
    period: { start: period?.current_period_start ?? end, end },
  })
  account.emit('invoice.upcoming', {
    ...upcoming,
    created: end,
    next_payment_attempt: end + account.billing.finalize_after_seconds,
  })
}

function nextPeriod(account: Account, id: string, at: number) {
  const before = must(account.subscriptions, id)
  const isDue = (item: { current_period_end: number }) => item.current_period_end <= at
  const due = before.items.data.filter(isDue).map((item) => renewed(before, item))
  return {
    items: before.items.data.map((item) => due.find((next) => next.id === item.id) ?? item),
    lines: linesOf(account, before, due).map((line) => cutShort(before, due, line)),
  }
}

/**
 * An end within the period that begins asks for a part of it. Source: the SDK's description of `cancel_at` ("If set during a future
 * period, this will always cause a proration for that period").
 */
function cutShort(
  { cancel_at }: Stripe.Subscription,
  items: Stripe.SubscriptionItem[],
  line: Stripe.InvoiceLineItem,
): Stripe.InvoiceLineItem {
  const { start, end } = line.period
  const details = line.parent?.subscription_item_details
  const isOwn = items.some(({ id }) => id === details?.subscription_item) && !details?.proration
  if (!isOwn || !details || !line.parent || cancel_at === null || cancel_at >= end) return line
  const amount = partOf(line.amount, (cancel_at - start) / (end - start), line.currency)
  return {
    ...line,
    ...{ amount, subtotal: amount, period: { start, end: cancel_at } },
    parent: { ...line.parent, subscription_item_details: { ...details, proration: true } },
  }
}
