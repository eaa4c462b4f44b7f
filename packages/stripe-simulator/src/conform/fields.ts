import type Stripe from 'stripe'

/** The fields that are read of a customer's objects; times count from the start, ids are left out. */
export async function fieldsOf(
  stripe: Stripe,
  customer: string,
  start: number,
): Promise<Record<string, string>> {
  const subscriptions = (await stripe.subscriptions.list({ customer, status: 'all' })).data
  const invoices = (await stripe.invoices.list({ customer, limit: 100 })).data.reverse()
  const charges = (await stripe.charges.list({ customer, limit: 100 })).data.reverse()
  const found = await stripe.customers.retrieve(customer)
  return {
    ...flat('customer', { balance: 'balance' in found ? found.balance : null }),
    ...merged(
      subscriptions.map((one, index) => flat(`subscription ${index + 1}`, subscriptionOf(one, start))),
    ),
    ...merged(invoices.map((one, index) => flat(`invoice ${index + 1}`, invoiceOf(one, start)))),
    ...merged(charges.map((one, index) => flat(`charge ${index + 1}`, chargeOf(one)))),
  }
}

function subscriptionOf(subscription: Stripe.Subscription, start: number) {
  const { status, cancel_at_period_end, collection_method, pause_collection, trial_end, items } = subscription
  return {
    status,
    cancel_at_period_end,
    collection_method,
    pause_collection: pause_collection && `${pause_collection.behavior} ${pause_collection.resumes_at}`,
    trial_end: trial_end && since(start, trial_end),
    items: items.data
      .map(
        (item) =>
          `${item.quantity} × ${item.price.unit_amount} until ${since(start, item.current_period_end)}`,
      )
      .join(', '),
  }
}

function invoiceOf(invoice: Stripe.Invoice, start: number) {
  const { billing_reason, status, total, subtotal, amount_due, amount_paid, amount_remaining } = invoice
  const { starting_balance, ending_balance, attempt_count, attempted, collection_method, lines } = invoice
  return {
    billing_reason,
    status,
    total,
    subtotal,
    amount_due,
    amount_paid,
    amount_remaining,
    starting_balance,
    ending_balance,
    attempt_count,
    attempted,
    collection_method,
    due: invoice.due_date && since(start, invoice.due_date),
    url: invoice.hosted_invoice_url ? 'yes' : 'no',
    'retried by itself': invoice.next_payment_attempt !== null,
    'lines, more': lines.has_more,
    lines: lines.data.map((line) => lineOf(line, start)).join(', '),
  }
}

function lineOf({ amount, period, parent }: Stripe.InvoiceLineItem, start: number) {
  const details = parent?.subscription_item_details ?? parent?.invoice_item_details
  const kind = parent?.subscription_item_details ? 'item' : 'one-off'
  return `${kind} ${amount}${details?.proration ? ' prorated' : ''} until ${since(start, period.end)}`
}

function chargeOf({ status, amount, amount_refunded, refunded, payment_method_details }: Stripe.Charge) {
  return { status, amount, amount_refunded, refunded, method: payment_method_details?.type }
}

/** Hours: a real clock may stand a few seconds off. */
function since(start: number, at: number) {
  return `+${Math.round((at - start) / 3600)} h`
}

function flat(of: string, fields: object): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [`${of}, ${name}`, String(value)]))
}

function merged(all: Record<string, string>[]): Record<string, string> {
  return Object.assign({}, ...all)
}
