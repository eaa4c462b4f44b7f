import type Stripe from 'stripe'
import { type Account, type Cause, must } from '../account.ts'
import { newId } from '../ids.ts'
import { draftInvoice } from '../invoices/draft-invoice.ts'
import { finalizeInvoice } from '../invoices/finalize-invoice.ts'
import { subscriptionItem, subscription as subscriptionOf } from '../objects/subscription.ts'
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
}

/** A subscription begins incomplete, or with its trial; its first invoice is open and waits to be paid. */
export function startSubscription(account: Account, wanted: Wanted, cause?: Cause) {
  const invoiceId = newId('in')
  const opened = account.subscriptions.save(bareSubscription(account, wanted, invoiceId))
  account.emit('customer.subscription.created', opened, { ...(cause && { cause }) })
  const free = wanted.trialEnd === null ? {} : { amount: 0 }
  const draft = draftInvoice(
    account,
    opened,
    {
      id: invoiceId,
      lines: linesOf(account, opened, opened.items.data, free),
      reason: 'subscription_create',
      finalizesAt: null,
    },
    cause,
  )
  takePending(account, opened)
  const invoice = finalizeInvoice(account, draft, cause, wanted.intent)
  return { subscription: must(account.subscriptions, opened.id), invoice }
}

function bareSubscription(account: Account, wanted: Wanted, invoice: string): Stripe.Subscription {
  const now = account.seconds()
  const { trialEnd, customer, currency, description, metadata } = wanted
  const bare = subscriptionOf({
    billing_cycle_anchor: trialEnd ?? now,
    created: now,
    currency,
    customer,
    description,
    latest_invoice: invoice,
    metadata,
    status: trialEnd === null ? 'incomplete' : 'trialing',
    trial_end: trialEnd,
    trial_start: trialEnd === null ? null : now,
  })
  const items = wanted.items.map(({ price, quantity }) => {
    const item = subscriptionItem(bare.id, price, quantity, now)
    return trialEnd === null ? item : { ...item, current_period_end: trialEnd }
  })
  return { ...bare, ...withItems(bare, items) }
}
