import type Stripe from 'stripe'
import { type Account, type Cause, must } from '../account.ts'
import { partOf } from '../amounts.ts'
import { newId } from '../ids.ts'
import { draftInvoice } from '../invoices/draft-invoice.ts'
import { finalizeInvoice } from '../invoices/finalize-invoice.ts'
import { subscriptionLine } from '../objects/invoice-line.ts'
import { periodStart, subscriptionItem, subscription as subscriptionOf } from '../objects/subscription.ts'
import { linesOf, takePending } from './pending-lines.ts'
import { withItems } from './periods.ts'

export type Wanted = {
  customer: string
  currency: string
  items: { price: Stripe.Price; quantity: number }[]
  metadata: Record<string, string>
  description: string | null
  /** Unix seconds until which it costs nothing; null without a trial. */
  trialEnd: number | null
  /** A payment intent that has been tried already. */
  intent?: string
  /** Unix seconds of the first full invoice; what comes before it costs its share, or nothing. */
  anchor?: { at: number; isFree: boolean } | undefined
  /** Days that the customer has for each invoice, where nothing is charged automatically. */
  daysUntilDue?: number | undefined
  /** What a coupon takes off the first invoice. */
  discount?: number
  missingPaymentMethod?: 'cancel' | 'create_invoice' | 'pause' | undefined
}

/** A subscription begins incomplete, or with its trial; its first invoice is open and waits to be paid. */
export function startSubscription(account: Account, wanted: Wanted, cause?: Cause) {
  const invoiceId = newId('in')
  const opened = account.subscriptions.save(bareSubscription(account, wanted, invoiceId))
  account.emit('customer.subscription.created', opened, { ...(cause && { cause }) })
  // An invoice that is sent stays a draft for a while, the first one too.
  const isSent = opened.collection_method === 'send_invoice'
  const draft = draftInvoice(
    account,
    opened,
    {
      id: invoiceId,
      lines: firstLines(account, opened, wanted),
      discount: wanted.discount ?? 0,
      reason: 'subscription_create',
      finalizesAt: isSent ? account.seconds() + account.billing.finalize_after_seconds : null,
    },
    cause,
  )
  takePending(account, opened, draft.id)
  const invoice = isSent ? draft : finalizeInvoice(account, draft, { cause, intent: wanted.intent })
  return { subscription: must(account.subscriptions, opened.id), invoice }
}

function firstLines(account: Account, opened: Stripe.Subscription, { trialEnd, anchor }: Wanted) {
  const { data } = opened.items
  if (trialEnd !== null) return linesOf(account, opened, data, { amount: 0 })
  if (!anchor) return linesOf(account, opened, data)
  const shares = data.map((item) => {
    const amount = anchor.isFree ? 0 : shareUntil(anchor.at, account.seconds(), item)
    return subscriptionLine(opened, item, { amount, proration: true, subtotal: amount })
  })
  return [...linesOf(account, opened, []), ...shares]
}

/** Of the full period that ends at the anchor. Source: docs.stripe.com/billing/subscriptions/billing-cycle. */
export function shareUntil(
  anchor: number,
  now: number,
  { price, quantity }: Pick<Stripe.SubscriptionItem, 'price' | 'quantity'>,
) {
  const share = (anchor - now) / (anchor - periodStart(anchor, price))
  return partOf((price.unit_amount ?? 0) * (quantity ?? 1), share, price.currency)
}

function bareSubscription(account: Account, wanted: Wanted, invoice: string): Stripe.Subscription {
  const now = account.seconds()
  const { trialEnd, anchor, customer, currency, description, metadata, daysUntilDue } = wanted
  const firstEnd = trialEnd ?? anchor?.at
  const isSent = daysUntilDue !== undefined
  const bare = subscriptionOf({
    billing_cycle_anchor: firstEnd ?? now,
    collection_method: isSent ? 'send_invoice' : 'charge_automatically',
    created: now,
    currency,
    customer,
    days_until_due: daysUntilDue ?? null,
    description,
    latest_invoice: invoice,
    metadata,
    status: trialEnd !== null ? 'trialing' : isSent ? 'active' : 'incomplete',
    trial_end: trialEnd,
    trial_settings: {
      end_behavior: {
        billing_cycle_anchor: null,
        missing_payment_method: wanted.missingPaymentMethod ?? 'create_invoice',
      },
    },
    trial_start: trialEnd === null ? null : now,
  })
  const items = wanted.items.map(({ price, quantity }) => {
    const item = subscriptionItem(bare.id, price, quantity, now)
    return firstEnd === undefined ? item : { ...item, current_period_end: firstEnd }
  })
  return { ...bare, ...withItems(bare, items) }
}
