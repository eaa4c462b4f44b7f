import type Stripe from 'stripe'
import { type Account, type CheckoutTerms, must } from '../account.ts'
import { subscriptionInvoice } from '../objects/invoice.ts'
import { invoicePayment } from '../objects/invoice-payment.ts'
import {
  subscriptionItem,
  subscriptionItems,
  subscription as subscriptionOf,
} from '../objects/subscription.ts'
import { openPaymentIntent, type Payer, payByCard, startBankDebit } from './move-money.ts'

type Subscriber = Payer & { customer: string }

/** A subscription begins incomplete with an open invoice, and becomes active when money has come or is on its way. */
export function startSubscription(
  account: Account,
  session: Stripe.Checkout.Session,
  terms: CheckoutTerms,
  by: 'card' | 'bank-debit',
  subscriber: Subscriber,
) {
  const subscription = openSubscription(account, session, terms, subscriber)
  const invoice = openInvoice(account, subscription, subscriber)
  const paymentStatus = payInvoice(account, invoice, by, subscriber)
  return { invoice: invoice.id, subscription: subscription.id, paymentStatus }
}

/** The answer to an invoice's payment: its invoice and its subscription follow. */
export function settleInvoice(account: Account, invoice: Stripe.Invoice, outcome: 'succeeded' | 'failed') {
  if (outcome === 'succeeded') markPaid(account, invoice)
  else markUnpaid(account, invoice)
  moveSubscription(account, invoice, outcome === 'succeeded' ? 'active' : 'past_due')
}

function openSubscription(
  account: Account,
  session: Stripe.Checkout.Session,
  terms: CheckoutTerms,
  subscriber: Subscriber,
) {
  const now = account.seconds()
  const bare = subscriptionOf({
    created: now,
    currency: session.currency ?? 'usd',
    customer: subscriber.customer,
    description: terms.subscriptionDescription,
    metadata: terms.subscriptionMetadata,
    status: 'incomplete',
  })
  const items = terms.lineItems.flatMap(({ price, quantity }) =>
    price ? [subscriptionItem(bare.id, price, quantity ?? 1, now)] : [],
  )
  const opened = account.subscriptions.save({ ...bare, items: subscriptionItems(bare.id, items) })
  account.emit('customer.subscription.created', opened)
  return opened
}

function openInvoice(account: Account, subscription: Stripe.Subscription, { email, name }: Subscriber) {
  const opened = account.invoices.save(
    subscriptionInvoice(subscription, {
      created: account.seconds(),
      customer_email: email,
      customer_name: name,
      number: `SIM-${String(account.invoices.size() + 1).padStart(4, '0')}`,
      status: 'open',
    }),
  )
  account.subscriptions.save({ ...subscription, latest_invoice: opened.id })
  account.emit('invoice.created', { ...opened, number: null, status: 'draft' })
  account.emit('invoice.finalized', opened)
  return opened
}

function payInvoice(
  account: Account,
  invoice: Stripe.Invoice,
  by: 'card' | 'bank-debit',
  subscriber: Subscriber,
): Stripe.Checkout.Session.PaymentStatus {
  if (invoice.total === 0) {
    settleInvoice(account, invoice, 'succeeded')
    return 'no_payment_required'
  }
  const intent = openPaymentIntent(account, {
    amount: invoice.total,
    currency: invoice.currency,
    customer: subscriber.customer,
    description: 'Subscription creation',
    metadata: {},
  })
  account.invoicePayments.save(
    invoicePayment(invoice, intent.id, { created: account.seconds(), status: 'open' }),
  )
  if (by === 'card') {
    payByCard(account, intent, subscriber)
    settleInvoice(account, invoice, 'succeeded')
    return 'paid'
  }
  startBankDebit(account, intent, subscriber)
  moveSubscription(account, invoice, 'active')
  return 'unpaid'
}

function markPaid(account: Account, invoice: Stripe.Invoice) {
  const now = account.seconds()
  const payment = account.invoicePayments.all().find((payment) => payment.invoice === invoice.id)
  const paid = account.invoices.save({
    ...invoice,
    amount_paid: invoice.total,
    amount_remaining: 0,
    attempt_count: invoice.attempt_count + 1,
    attempted: true,
    status: 'paid',
    status_transitions: { ...invoice.status_transitions, paid_at: now },
  })
  if (payment) {
    const settled = account.invoicePayments.save({
      ...payment,
      amount_paid: invoice.total,
      status: 'paid',
      status_transitions: { canceled_at: null, paid_at: now },
    })
    account.emit('invoice_payment.paid', settled)
  }
  account.emit('invoice.paid', paid)
  account.emit('invoice.payment_succeeded', paid)
}

function markUnpaid(account: Account, invoice: Stripe.Invoice) {
  const unpaid = account.invoices.save({
    ...invoice,
    attempt_count: invoice.attempt_count + 1,
    attempted: true,
  })
  account.emit('invoice.payment_failed', unpaid)
}

function moveSubscription(account: Account, invoice: Stripe.Invoice, status: Stripe.Subscription.Status) {
  const id = invoice.parent?.subscription_details?.subscription
  const before = must(account.subscriptions, String(id))
  if (before.status === status) return
  const after = account.subscriptions.save({ ...before, status })
  account.emit('customer.subscription.updated', after, { previous: { status: before.status } })
}
