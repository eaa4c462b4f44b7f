import type Stripe from 'stripe'

const pageSize = 100

/**
 * Stripe truncates lists within objects at ten and sets `has_more`: lists that decide about a server are read to the end.
 * Source: docs.stripe.com/api/invoices/object (`lines`, `payments`), docs.stripe.com/api/subscriptions/object (`items`).
 */
export async function completeInvoice<Invoice extends Stripe.Invoice>(
  stripe: Stripe,
  invoice: Invoice,
): Promise<Invoice> {
  return await withAllPayments(stripe, await withAllLines(stripe, invoice))
}

async function withAllLines<Invoice extends Stripe.Invoice>(
  stripe: Stripe,
  invoice: Invoice,
): Promise<Invoice> {
  if (!invoice.lines.has_more) return invoice
  const data = await all(stripe.invoices.listLineItems(invoice.id, { limit: pageSize }))
  return withList(invoice, { lines: { ...invoice.lines, data, has_more: false } })
}

async function withAllPayments<Invoice extends Stripe.Invoice>(
  stripe: Stripe,
  invoice: Invoice,
): Promise<Invoice> {
  const { id, payments } = invoice
  if (!payments?.has_more) return invoice
  const expand = ['data.payment.payment_intent']
  const data = await all(stripe.invoicePayments.list({ invoice: id, limit: pageSize, expand }))
  return withList(invoice, { payments: { ...payments, data, has_more: false } })
}

export async function completeSubscription<Subscription extends Stripe.Subscription>(
  stripe: Stripe,
  subscription: Subscription,
): Promise<Subscription> {
  if (!subscription.items.has_more) return subscription
  const data = await all(stripe.subscriptionItems.list({ subscription: subscription.id, limit: pageSize }))
  return withList(subscription, { items: { ...subscription.items, data, has_more: false } })
}

// The SDK attaches its response to the object where spreading does not see it, and that has Stripe's time.
function withList<Item extends object>(object: Item, list: object): Item {
  const response = Object.getOwnPropertyDescriptor(object, 'lastResponse')
  const copy = { ...object, ...list }
  return response ? Object.defineProperty(copy, 'lastResponse', response) : copy
}

export async function all<Item extends { id: string }>(list: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of list) items.push(item)
  return items
}

/** An invoice with all its lines and the state of its payments. */
export async function readInvoice(stripe: Stripe, id: string): Promise<Stripe.Response<Stripe.Invoice>> {
  const invoice = await stripe.invoices.retrieve(id, { expand: ['payments.data.payment.payment_intent'] })
  return await completeInvoice(stripe, invoice)
}
