import type Stripe from 'stripe'
import { type Account, type CheckoutTerms, must } from '../account.ts'
import { ApiError } from '../api/api-error.ts'
import { customerDetails } from '../objects/checkout-session.ts'
import { customer } from '../objects/customer.ts'
import { declineCard, payByCard, settleBankDebit, startBankDebit } from '../payments/move-money.ts'
import { openPaymentIntent } from '../payments/open-intent.ts'
import type { Payer } from '../payments/payer.ts'
import { currentSession } from './expire-session.ts'
import { settleInvoice, subscribe } from './subscribe.ts'

/** What the buyer does on the hosted page; `async` is a bank debit that settles later. */
export type Outcome = 'paid' | 'async' | 'declined' | 'cancel'

/** Paying a session twice changes nothing the second time, as on Stripe's page. */
export function paySession(account: Account, id: string, outcome: Outcome, payer?: Partial<Payer>) {
  const session = currentSession(account, id)
  if (session.status === 'expired') {
    throw new ApiError(400, 'This Checkout Session has expired.', { code: 'checkout_session_expired' })
  }
  if (session.status !== 'open' || outcome === 'cancel') return session

  const buyer = buyerOf(account, session, payer)
  const terms = account.terms.get(id)
  if (!terms) throw new Error(`the terms of ${id} are gone`)
  return session.mode === 'subscription'
    ? paySubscription(account, session, terms, outcome, buyer)
    : payOnce(account, session, terms, outcome, buyer)
}

/** The bank's late answer to an `async` outcome. */
export function settleSession(account: Account, id: string, outcome: 'succeeded' | 'failed') {
  const session = currentSession(account, id)
  const intent = account.paymentIntents.get(paymentIntentOf(account, session) ?? '')
  if (intent?.status !== 'processing') {
    throw new ApiError(400, `The payment of ${id} is not waiting for a bank.`)
  }
  settleBankDebit(account, intent, outcome)
  if (typeof session.invoice === 'string')
    settleInvoice(account, must(account.invoices, session.invoice), outcome)
  const paid = outcome === 'succeeded'
  const after = account.sessions.save({ ...session, payment_status: paid ? 'paid' : 'unpaid' })
  account.emit(
    paid ? 'checkout.session.async_payment_succeeded' : 'checkout.session.async_payment_failed',
    after,
  )
  return after
}

type Buyer = Payer & { customer: string | null }

function payOnce(
  account: Account,
  session: Stripe.Checkout.Session,
  terms: CheckoutTerms,
  outcome: Exclude<Outcome, 'cancel'>,
  buyer: Buyer,
) {
  if (session.amount_total === 0) return complete(account, session, buyer, 'no_payment_required')

  const intent = intentOf(account, session, terms, buyer)
  const started = account.sessions.save({ ...session, payment_intent: intent.id })
  switch (outcome) {
    case 'declined':
      declineCard(account, intent, buyer)
      return started
    case 'async':
      startBankDebit(account, intent, buyer)
      return complete(account, started, buyer, 'unpaid')
    case 'paid':
      payByCard(account, intent, buyer)
      return complete(account, started, buyer, 'paid')
    default:
      return outcome satisfies never
  }
}

function paySubscription(
  account: Account,
  session: Stripe.Checkout.Session,
  terms: CheckoutTerms,
  outcome: Exclude<Outcome, 'cancel'>,
  buyer: Buyer,
) {
  if (outcome === 'declined' && session.amount_total !== 0) {
    const intent = declinedIntent(account, session, terms, buyer)
    declineCard(account, intent, buyer)
    account.terms.set(session.id, { ...terms, declinedIntent: intent.id })
    return session
  }
  const subscriber = { ...buyer, customer: buyer.customer ?? newCustomer(account, buyer) }
  const by = outcome === 'async' ? 'bank-debit' : 'card'
  const { invoice, subscription, paymentStatus } = subscribe(account, session, terms, by, subscriber)
  const asked = must(account.invoices, invoice)
  const sums = { amount_subtotal: asked.subtotal, amount_total: asked.total }
  return complete(account, { ...session, ...sums, invoice, subscription }, subscriber, paymentStatus)
}

/** Stripe makes the payment intent at the first attempt, not with the session; a later attempt takes the same one. */
function intentOf(account: Account, session: Stripe.Checkout.Session, terms: CheckoutTerms, buyer: Buyer) {
  if (typeof session.payment_intent === 'string') return must(account.paymentIntents, session.payment_intent)
  return openPaymentIntent(account, {
    amount: session.amount_total ?? 0,
    currency: session.currency ?? 'usd',
    customer: buyer.customer,
    description: terms.paymentDescription,
    metadata: terms.paymentMetadata,
  })
}

function declinedIntent(
  account: Account,
  session: Stripe.Checkout.Session,
  terms: CheckoutTerms,
  buyer: Buyer,
) {
  if (terms.declinedIntent !== undefined) return must(account.paymentIntents, terms.declinedIntent)
  return intentOf(account, session, { ...terms, paymentMetadata: {} }, buyer)
}

function complete(
  account: Account,
  session: Stripe.Checkout.Session,
  buyer: Buyer,
  paymentStatus: Stripe.Checkout.Session.PaymentStatus,
) {
  const completed = account.sessions.save({
    ...session,
    customer: buyer.customer,
    customer_details: customerDetails(buyer.email, buyer.name),
    payment_status: paymentStatus,
    status: 'complete',
    url: null,
  })
  account.emit('checkout.session.completed', completed)
  return completed
}

function buyerOf(account: Account, session: Stripe.Checkout.Session, payer: Partial<Payer> = {}): Buyer {
  const known = typeof session.customer === 'string' ? account.customers.get(session.customer) : undefined
  const buyer = {
    email: payer.email ?? known?.email ?? session.customer_email ?? 'player@example.com',
    name: payer.name ?? known?.name ?? 'Alex Player',
  }
  if (known) return { ...buyer, customer: known.id }
  const wanted = session.customer_creation === 'always'
  return { ...buyer, customer: wanted ? newCustomer(account, buyer) : null }
}

function newCustomer(account: Account, { email, name }: Payer) {
  const created = account.customers.save(customer({ email, name, created: account.seconds() }))
  account.emit('customer.created', created)
  return created.id
}

/** A subscription's session never shows its payment intent: the way leads over the invoice's payment. */
function paymentIntentOf(account: Account, session: Stripe.Checkout.Session) {
  if (typeof session.payment_intent === 'string') return session.payment_intent
  const payment = account.invoicePayments.all().find(({ invoice }) => invoice === session.invoice)?.payment
  return payment?.payment_intent?.toString()
}
