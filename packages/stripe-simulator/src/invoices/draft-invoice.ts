import type Stripe from 'stripe'
import type { Account, Cause } from '../account.ts'
import { newId } from '../ids.ts'
import { invoice as invoiceOf } from '../objects/invoice.ts'
import { invoiceLines } from '../objects/invoice-line.ts'
import { payerOf } from '../payments/payer.ts'

type Draft = {
  /** Where something has named it already. */
  id?: string
  lines: Stripe.InvoiceLineItem[]
  /** What a coupon takes off the whole, in minor units. */
  discount?: number
  reason: Stripe.Invoice.BillingReason
  /** Unix seconds; null when nobody but the seller is going to finalize it. */
  finalizesAt: number | null
  period?: { start: number; end: number }
}

/** An invoice of a subscription that can still change; `finalizeInvoice` makes it count. */
export function draftInvoice(
  account: Account,
  subscription: Stripe.Subscription,
  draft: Draft,
  cause?: Cause,
): Stripe.Invoice {
  const drafted = account.invoices.save(draftOf(account, subscription, draft.id ?? newId('in'), draft))
  for (const line of drafted.lines.data) takeItem(account, drafted.id, line)
  const event = account.emit('invoice.created', drafted, { ...(cause && { cause }) })
  if (event !== undefined) account.announced.set(drafted.id, event)
  return drafted
}

function takeItem(account: Account, invoice: string, { parent }: Stripe.InvoiceLineItem) {
  const item = account.invoiceItems.get(parent?.invoice_item_details?.invoice_item ?? '')
  if (item) account.invoiceItems.save({ ...item, invoice })
}

export function draftOf(
  account: Account,
  subscription: Stripe.Subscription,
  id: string,
  { lines, reason, finalizesAt, period, discount = 0 }: Draft,
): Stripe.Invoice {
  const now = account.seconds()
  const { email, name } = payerOf(account, subscription.customer)
  const { start, end } = period ?? { start: now, end: now }
  const subtotal = lines.reduce((sum, line) => sum + line.amount, 0)
  const total = subtotal - discount
  return invoiceOf({
    id,
    amount_due: Math.max(0, total),
    amount_remaining: Math.max(0, total),
    auto_advance: finalizesAt !== null,
    automatically_finalizes_at: finalizesAt,
    billing_reason: reason,
    collection_method: subscription.collection_method,
    created: now,
    currency: subscription.currency,
    customer: subscription.customer,
    customer_email: email,
    customer_name: name,
    due_date: dueDate(subscription, now),
    effective_at: null,
    ending_balance: null,
    lines: invoiceLines(id, lines),
    parent: {
      quote_details: null,
      subscription_details: { metadata: subscription.metadata, subscription: subscription.id },
      type: 'subscription_details',
    },
    period_end: end,
    period_start: start,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    starting_balance: account.customers.get(String(subscription.customer))?.balance ?? 0,
    subtotal,
    subtotal_excluding_tax: subtotal,
    total,
    ...(discount > 0 && discounted(discount)),
    webhooks_delivered_at: null,
  })
}

function discounted(amount: number) {
  const discount = newId('di')
  return { discounts: [discount], total_discount_amounts: [{ amount, discount }] }
}

/** Source: the SDK's description of `days_until_due`: days from when the invoice is created. */
function dueDate({ collection_method, days_until_due }: Stripe.Subscription, now: number) {
  return collection_method === 'send_invoice' ? now + (days_until_due ?? 30) * 86_400 : null
}

/** The subscription an invoice belongs to; undefined for one that stands alone. */
export function subscriptionOf(account: Account, invoice: Stripe.Invoice) {
  const id = invoice.parent?.subscription_details?.subscription
  return account.subscriptions.get(String(id))
}
