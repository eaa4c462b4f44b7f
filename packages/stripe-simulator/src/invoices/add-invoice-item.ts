import type Stripe from 'stripe'
import { z } from 'zod'
import { type Account, type Cause, must, nobody } from '../account.ts'
import { ApiError, missingParam } from '../api/api-error.ts'
import { currency, expand, integer, metadata, text } from '../api/params.ts'
import { invoiceItem, invoiceItemLine } from '../objects/invoice-item.ts'
import { invoiceLines } from '../objects/invoice-line.ts'
import { addPending } from '../subscriptions/pending-lines.ts'
import { subscriptionOf } from './draft-invoice.ts'

/** A negative amount is a credit. */
export const invoiceItemParams = z.strictObject({
  amount: integer,
  currency: currency.optional(),
  customer: text,
  description: text.optional(),
  expand,
  invoice: text.optional(),
  metadata: metadata.optional(),
  subscription: text.optional(),
})

/** Source: docs.stripe.com/changelog/2016-02-22/no-more-than-250-invoice-items. */
const mostItems = 250

/** Waits for the subscription's next invoice, or the customer's; or goes on a draft, behind what stands there. */
export function addInvoiceItem(
  account: Account,
  params: z.infer<typeof invoiceItemParams>,
  cause: Cause = nobody,
): Stripe.InvoiceItem {
  refuseUnknown(account, params)
  const now = account.seconds()
  const draft = params.invoice === undefined ? undefined : draftFor(account, params.invoice)
  const subscription = params.subscription ?? (draft && subscriptionOf(account, draft)?.id) ?? null
  const item = account.invoiceItems.save(
    invoiceItem({
      amount: params.amount,
      currency: params.currency ?? currencyOf(account, subscription),
      customer: params.customer,
      date: now,
      description: params.description ?? null,
      invoice: draft?.id ?? null,
      metadata: params.metadata ?? {},
      ...(subscription !== null && { parent: parentOf(subscription) }),
    }),
  )
  account.emit('invoiceitem.created', item, { cause })
  const line = invoiceItemLine(item, subscription)
  if (draft) addToDraft(account, draft, line, cause)
  else addPending(account, params.subscription ?? params.customer, [line])
  return item
}

/** What is added to an invoice stands behind all that was on it. Source: the SDK's description of `Invoice.lines`. */
function addToDraft(account: Account, draft: Stripe.Invoice, line: Stripe.InvoiceLineItem, cause: Cause) {
  const lines = [...draft.lines.data, line]
  const total = lines.reduce((sum, { amount }) => sum + amount, 0)
  account.change(
    account.invoices,
    draft,
    { ...sums(total), lines: invoiceLines(draft.id, lines) },
    'invoice.updated',
    cause,
  )
}

function sums(total: number) {
  return {
    amount_due: Math.max(0, total),
    amount_remaining: Math.max(0, total),
    subtotal: total,
    subtotal_excluding_tax: total,
    total,
    total_excluding_tax: total,
  }
}

function draftFor(account: Account, id: string) {
  const invoice = account.invoices.get(id)
  if (!invoice) throw missingParam('invoice', id, 'invoice')
  if (invoice.status !== 'draft') {
    throw new ApiError(400, `The invoice ${id} is ${invoice.status}: only drafts can be added to.`, {
      code: 'invoice_not_editable',
    })
  }
  if (invoice.lines.data.length >= mostItems) throw tooMany()
  return invoice
}

function refuseUnknown(
  account: Account,
  { customer, subscription }: { customer: string; subscription?: string | undefined },
) {
  if (!account.customers.has(customer)) throw missingParam('customer', customer, 'customer')
  if (subscription !== undefined && !account.subscriptions.has(subscription)) {
    throw missingParam('subscription', subscription, 'subscription')
  }
  const owner = subscription ?? customer
  if (account.pendingLines.filter((pending) => pending.owner === owner).length >= mostItems) throw tooMany()
}

function tooMany() {
  return new ApiError(400, `You can have at most ${mostItems} invoice items on an invoice.`)
}

function currencyOf(account: Account, subscription: string | null) {
  return subscription === null ? 'usd' : must(account.subscriptions, subscription).currency
}

function parentOf(subscription: string): Stripe.InvoiceItem.Parent {
  return { subscription_details: { subscription }, type: 'subscription_details' }
}
