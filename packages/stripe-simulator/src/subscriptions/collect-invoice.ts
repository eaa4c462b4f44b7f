import type Stripe from 'stripe'
import { type Account, must } from '../account.ts'
import { ApiError } from '../api/api-error.ts'
import { subscriptionOf } from '../invoices/draft-invoice.ts'
import { markPaid, markProcessing, markUnpaid, paymentOf } from '../invoices/settle-invoice.ts'
import { type Card, isDebit } from '../payments/card.ts'
import { cardOf } from '../payments/cards.ts'
import {
  askForAction,
  declineCard,
  payByCard,
  settleBankDebit,
  startBankDebit,
} from '../payments/move-money.ts'
import { payerOf } from '../payments/payer.ts'
import { followFinalFailure, followPaid, followProcessing, followUnpaid } from './follow-invoice.ts'

/** Tries to take the money of an open invoice from the customer's card; its subscription follows how that went. */
export function collectInvoice(account: Account, invoice: Stripe.Invoice): Stripe.Invoice {
  if (invoice.amount_due === 0) return settled(account, invoice, false)
  const answer = chargeCard(account, invoice)
  if (answer === 'works') return settled(account, invoice, true)
  if (isDebit(answer)) return waitForBank(account, invoice, answer)
  const nextAttempt = nextAttemptOf(account, invoice)
  const unpaid = markUnpaid(account, invoice, { nextAttempt, actionRequired: answer === 'requires_action' })
  followUnpaid(account, unpaid)
  if (nextAttempt === null && isRetried(account, invoice)) followFinalFailure(account, unpaid)
  return must(account.invoices, invoice.id)
}

/** A manual attempt to pay: it leaves the plan of automatic ones as it is. */
export function chargeCard(account: Account, invoice: Stripe.Invoice): Card {
  const answer = cardOf(account, invoice.customer)
  const intent = must(account.paymentIntents, String(paymentOf(account, invoice.id)?.payment.payment_intent))
  const payer = payerOf(account, invoice.customer)
  if (answer === 'works') payByCard(account, intent, payer)
  else if (answer === 'requires_action') askForAction(account, intent)
  else if (isDebit(answer)) startBankDebit(account, intent, payer)
  else if (answer !== 'none') declineCard(account, intent, payer, answer)
  return answer
}

function settled(account: Account, invoice: Stripe.Invoice, attempted: boolean) {
  const paid = markPaid(account, invoice, { attempted })
  followPaid(account, paid)
  return paid
}

/** Source: docs.stripe.com/billing/subscriptions/sepa-debit: the subscription is active while the debit is processed. */
export function waitForBank(
  account: Account,
  invoice: Stripe.Invoice,
  answer: 'bank_debit' | 'bank_debit_fails',
): Stripe.Invoice {
  const waiting = markProcessing(account, invoice)
  followProcessing(account, waiting)
  const at = account.seconds() + account.billing.debit_days * 86_400
  const outcome = answer === 'bank_debit' ? 'succeeded' : 'failed'
  account.agenda.add(at, () => {
    if (debitOf(account, invoice.id)) settleDebit(account, invoice.id, outcome)
  })
  return waiting
}

/** The bank's answer to the debit of an invoice. */
export function settleDebit(account: Account, id: string, outcome: 'succeeded' | 'failed'): Stripe.Invoice {
  const intent = debitOf(account, id)
  if (!intent) throw new ApiError(400, `The payment of ${id} is not waiting for a bank.`)
  settleBankDebit(account, intent, outcome)
  const invoice = must(account.invoices, id)
  if (outcome === 'succeeded') return settled(account, invoice, false)
  const nextAttempt = nextAttemptOf(account, { ...invoice, attempt_count: invoice.attempt_count - 1 })
  const unpaid = markUnpaid(account, invoice, { nextAttempt, attempted: false })
  followUnpaid(account, unpaid)
  if (nextAttempt === null && isRetried(account, invoice)) followFinalFailure(account, unpaid)
  return must(account.invoices, id)
}

function debitOf(account: Account, invoice: string) {
  const intent = account.paymentIntents.get(String(paymentOf(account, invoice)?.payment.payment_intent))
  return intent?.status === 'processing' ? intent : undefined
}

/** Stripe tries renewals and changes again; a first invoice and a pending update wait for the buyer instead. */
function isRetried(account: Account, invoice: Stripe.Invoice) {
  const subscription = subscriptionOf(account, invoice)
  const isPending = subscription?.pending_update != null && subscription.latest_invoice === invoice.id
  return invoice.billing_reason !== 'subscription_create' && !isPending
}

function nextAttemptOf(account: Account, invoice: Stripe.Invoice) {
  const days = isRetried(account, invoice) ? account.billing.retry_days[invoice.attempt_count] : undefined
  return days === undefined ? null : account.seconds() + days * 86_400
}
