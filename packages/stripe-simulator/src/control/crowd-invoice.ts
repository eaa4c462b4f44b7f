import type Stripe from 'stripe'
import { z } from 'zod'
import { type Account, must } from '../account.ts'
import { missing } from '../api/api-error.ts'
import { addInvoiceItem } from '../invoices/add-invoice-item.ts'
import { subscriptionLine } from '../objects/invoice-line.ts'
import { addPending } from '../subscriptions/pending-lines.ts'

export const crowd = z.strictObject({
  subscription: z.string(),
  count: z.number().int().min(1).max(250).default(12),
  /** `proration` is what plan changes leave behind: each second line is a credit. */
  kind: z.enum(['one_off', 'proration', 'mixed']).default('mixed'),
  /** In minor units, of each line; the credits among the prorations are three quarters of it. */
  amount: z.number().int().default(400),
})

/** Fills the next invoice of a subscription, so that its own line comes last and not on the first page. */
export function crowdInvoice(
  account: Account,
  { subscription: id, count, kind, amount }: z.infer<typeof crowd>,
): { lines: number; total: number } {
  const subscription = account.subscriptions.get(id)
  if (!subscription) throw missing('subscription', id)
  const before = account.pendingLines.length
  for (let index = 0; index < count; index++) {
    const isProration = kind === 'proration' || (kind === 'mixed' && index % 3 > 0)
    if (isProration)
      addProration(account, subscription, index % 2 === 0 ? -Math.round(amount * 0.75) : amount)
    else addOneOff(account, subscription, { amount, index })
  }
  const added = account.pendingLines.slice(before)
  return { lines: added.length, total: added.reduce((sum, { line }) => sum + line.amount, 0) }
}

function addOneOff(
  account: Account,
  { id, customer }: Stripe.Subscription,
  { amount, index }: { amount: number; index: number },
) {
  addInvoiceItem(account, {
    amount,
    customer: String(customer),
    description: `One-off ${index + 1}`,
    subscription: id,
  })
}

function addProration(account: Account, subscription: Stripe.Subscription, amount: number) {
  const [item] = must(account.subscriptions, subscription.id).items.data
  if (!item) return
  const description = amount < 0 ? 'Unused time' : 'Remaining time'
  addPending(account, subscription.id, [
    subscriptionLine(subscription, item, { amount, description, proration: true, subtotal: amount }),
  ])
}
