import type Stripe from 'stripe'
import { type Account, must } from '../account.ts'
import { invoiceItem } from '../objects/invoice-item.ts'
import { subscriptionLine } from '../objects/invoice-line.ts'

type Owner = Pick<Stripe.Subscription, 'id' | 'customer'>

/**
 * The lines of a subscription's next invoice: first what waits for it, newest first, and then the items of the
 * subscription, newest first. Source: the SDK's description of `Invoice.lines`.
 */
export function linesOf(
  account: Account,
  subscription: Stripe.Subscription,
  items: readonly Stripe.SubscriptionItem[],
  options: Parameters<typeof subscriptionLine>[2] = {},
): Stripe.InvoiceLineItem[] {
  const waiting = waitingFor(account, subscription).sort((one, other) => other.at - one.at)
  const billed = [...items].sort((one, other) => other.created - one.created)
  return [
    ...waiting.map(({ line }) => line),
    ...billed.map((item) => subscriptionLine(subscription, item, options)),
  ]
}

export function addPending(account: Account, owner: string, lines: readonly Stripe.InvoiceLineItem[]) {
  const at = account.seconds()
  account.pendingLines.push(...lines.map((line) => ({ owner, at, line: asItem(account, line) })))
}

/** Of what waits, `GET /v1/invoiceitems?pending=true` tells. Source: docs.stripe.com/billing/subscriptions/prorations. */
function asItem(account: Account, line: Stripe.InvoiceLineItem): Stripe.InvoiceLineItem {
  const { subscription_item_details: details } = line.parent ?? {}
  const subscription = details?.subscription
  if (!details?.proration || details.invoice_item || !subscription) return line
  const { amount, currency, description, period, pricing, quantity } = line
  const item = account.invoiceItems.save(
    invoiceItem({
      ...{ amount, currency, description, period, proration: true, quantity: quantity ?? 1 },
      pricing: pricing && { ...pricing, unit_amount_decimal: pricing.unit_amount_decimal },
      customer: String(must(account.subscriptions, subscription).customer),
      date: account.seconds(),
      parent: {
        subscription_details: { subscription, subscription_item: details.subscription_item },
        type: 'subscription_details',
      },
    }),
  )
  account.emit('invoiceitem.created', item)
  const parent = { ...line.parent, subscription_item_details: { ...details, invoice_item: item.id } }
  return { ...line, parent } as Stripe.InvoiceLineItem
}

/** They are on this invoice now. */
export function takePending(account: Account, subscription: Owner, invoice: string) {
  const taken = new Set(waitingFor(account, subscription))
  for (const { line } of taken) {
    const item = account.invoiceItems.get(itemOf(line) ?? '')
    if (item) account.invoiceItems.save({ ...item, invoice })
  }
  if (taken.size > 0) account.pendingLines = account.pendingLines.filter((pending) => !taken.has(pending))
}

/** Nobody is going to be asked for them. */
export function takePendingOf(account: Account, owner: string) {
  for (const { line } of account.pendingLines.filter((pending) => pending.owner === owner))
    account.invoiceItems.remove(itemOf(line) ?? '')
  account.pendingLines = account.pendingLines.filter((pending) => pending.owner !== owner)
}

function itemOf({ parent }: Stripe.InvoiceLineItem): string | null {
  const { invoice_item_details: item, subscription_item_details: proration } = parent ?? {}
  return item?.invoice_item ?? proration?.invoice_item ?? null
}

function waitingFor(account: Account, { id, customer }: Owner) {
  return account.pendingLines.filter(({ owner }) => owner === id || owner === customer)
}
