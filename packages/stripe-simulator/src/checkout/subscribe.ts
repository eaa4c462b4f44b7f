import type Stripe from 'stripe'
import { type Account, type CheckoutTerms, must } from '../account.ts'
import { markPaid, markUnpaid, paymentOf } from '../invoices/settle-invoice.ts'
import { payByCard, startBankDebit } from '../payments/move-money.ts'
import type { Payer } from '../payments/payer.ts'
import { changeSubscription } from '../subscriptions/change-subscription.ts'
import { followPaid, followUnpaid } from '../subscriptions/follow-invoice.ts'
import { startSubscription } from '../subscriptions/start-subscription.ts'

type Subscriber = Payer & { customer: string }

/** The buyer's subscription becomes active when money has come or is on its way. */
export function subscribe(
  account: Account,
  session: Stripe.Checkout.Session,
  terms: CheckoutTerms,
  by: 'card' | 'bank-debit',
  subscriber: Subscriber,
) {
  const { subscription, invoice } = startSubscription(account, {
    customer: subscriber.customer,
    currency: session.currency ?? 'usd',
    items: terms.lineItems.flatMap(({ price, quantity }) =>
      price ? [{ price, quantity: quantity ?? 1 }] : [],
    ),
    metadata: terms.subscriptionMetadata,
    description: terms.subscriptionDescription,
    trialEnd: terms.trialEnd,
    anchor: terms.anchor,
    discount: terms.discount,
    missingPaymentMethod: terms.missingPaymentMethod,
    ...(terms.declinedIntent !== undefined && { intent: terms.declinedIntent }),
  })
  // Who pays on the page has just shown a card that works, whatever their last one did.
  if (isCardShown(session)) account.cards.delete(subscriber.customer)
  else account.cards.set(subscriber.customer, 'none')
  const paymentStatus = payFirst(account, invoice, by, subscriber)
  return { invoice: invoice.id, subscription: subscription.id, paymentStatus }
}

/** Source: the SDK's description of `payment_method_collection`: `if_required` asks for none where nothing is owed. */
function isCardShown({ payment_method_collection, amount_total }: Stripe.Checkout.Session) {
  return payment_method_collection !== 'if_required' || amount_total !== 0
}

/** The answer to an invoice's payment: its invoice and its subscription follow. */
export function settleInvoice(account: Account, invoice: Stripe.Invoice, outcome: 'succeeded' | 'failed') {
  if (outcome === 'succeeded') followPaid(account, markPaid(account, invoice))
  else followUnpaid(account, markUnpaid(account, invoice, { nextAttempt: null }))
}

function payFirst(
  account: Account,
  invoice: Stripe.Invoice,
  by: 'card' | 'bank-debit',
  subscriber: Subscriber,
): Stripe.Checkout.Session.PaymentStatus {
  if (invoice.amount_due === 0) {
    settleInvoice(account, invoice, 'succeeded')
    return 'no_payment_required'
  }
  const intent = must(account.paymentIntents, String(paymentOf(account, invoice.id)?.payment.payment_intent))
  if (by === 'card') {
    payByCard(account, intent, subscriber)
    settleInvoice(account, invoice, 'succeeded')
    return 'paid'
  }
  startBankDebit(account, intent, subscriber)
  changeSubscription(account, String(invoice.parent?.subscription_details?.subscription), {
    status: 'active',
  })
  return 'unpaid'
}
