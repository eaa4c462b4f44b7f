import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { partOf } from '../amounts.ts'
import { subscriptionLine } from '../objects/invoice-line.ts'
import { type ItemsChange, productName } from './change-items.ts'

type Item = Stripe.SubscriptionItem

/** What a change costs for the rest of the period: the unused time of the old comes back, that of the new is asked for. */
export function prorationLines(
  account: Account,
  subscription: Stripe.Subscription,
  { changed, restarts }: ItemsChange,
  at: number,
): Stripe.InvoiceLineItem[] {
  if (subscription.status === 'trialing') return []
  return changed.flatMap(({ old, current }) => [
    ...(old ? [rest(account, subscription, old, at, 'Unused')] : []),
    ...(current && !restarts ? [rest(account, subscription, current, at, 'Remaining')] : []),
  ])
}

function rest(
  account: Account,
  subscription: Stripe.Subscription,
  item: Item,
  at: number,
  which: 'Unused' | 'Remaining',
) {
  const { current_period_start: start, current_period_end: end, price, quantity = 1 } = item
  const share = Math.min(1, Math.max(0, (end - at) / (end - start)))
  const amount = partOf((price.unit_amount ?? 0) * quantity, share, price.currency)
  const day = new Date(at * 1000).toISOString().slice(0, 10)
  return subscriptionLine(subscription, item, {
    amount: which === 'Unused' && amount !== 0 ? -amount : amount,
    description: `${which} time on ${productName(account, price)} after ${day}`,
    period: { start: at, end },
    proration: true,
    subtotal: which === 'Unused' && amount !== 0 ? -amount : amount,
  })
}
