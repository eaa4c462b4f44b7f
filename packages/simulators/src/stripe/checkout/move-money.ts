import type Stripe from 'stripe'
import { type Account, must } from '../account.ts'
import { newId } from '../ids.ts'
import { charge, sepaDebit, visa } from '../objects/charge.ts'
import { paymentIntent } from '../objects/payment-intent.ts'

export type Payer = { email: string | null; name: string | null }

type Due = {
  amount: number
  currency: string
  customer: string | null
  description: string | null
  metadata: Record<string, string>
}

export function openPaymentIntent(account: Account, due: Due) {
  const opened = account.paymentIntents.save(
    paymentIntent({ ...due, status: 'requires_payment_method', created: account.seconds() }),
  )
  account.emit('payment_intent.created', opened)
  return opened
}

/** The buyer's card says yes. */
export function payByCard(account: Account, intent: Stripe.PaymentIntent, payer: Payer) {
  const paid = account.charges.save(attempt(account, intent, payer, 'succeeded'))
  account.emit('charge.succeeded', paid)
  return succeed(account, intent, paid)
}

/** The buyer's card says no: the intent waits for another one. */
export function declineCard(account: Account, intent: Stripe.PaymentIntent, payer: Payer) {
  const failed = account.charges.save(attempt(account, intent, payer, 'failed'))
  account.emit('charge.failed', failed)
  return fail(account, intent, failed)
}

/** A bank debit is on its way and says yes or no days later: see `settleBankDebit`. */
export function startBankDebit(account: Account, intent: Stripe.PaymentIntent, payer: Payer) {
  const pending = account.charges.save({
    ...attempt(account, intent, payer, 'pending'),
    payment_method_details: sepaDebit,
  })
  const processing = account.paymentIntents.save({
    ...intent,
    latest_charge: pending.id,
    payment_method: pending.payment_method,
    payment_method_types: ['card', 'sepa_debit'],
    status: 'processing',
  })
  account.emit('charge.pending', pending)
  account.emit('payment_intent.processing', processing)
  return processing
}

export function settleBankDebit(
  account: Account,
  intent: Stripe.PaymentIntent,
  outcome: 'succeeded' | 'failed',
) {
  const pending = must(account.charges, String(intent.latest_charge))
  if (outcome === 'succeeded') {
    const paid = account.charges.save({ ...pending, status: 'succeeded' })
    account.emit('charge.succeeded', paid)
    return succeed(account, intent, paid)
  }
  const failed = account.charges.save({
    ...pending,
    amount_captured: 0,
    captured: false,
    failure_code: 'insufficient_funds',
    failure_message: 'The bank account has insufficient funds.',
    paid: false,
    status: 'failed',
  })
  account.emit('charge.failed', failed)
  return fail(account, intent, failed)
}

function attempt(
  account: Account,
  intent: Stripe.PaymentIntent,
  payer: Payer,
  status: Stripe.Charge.Status,
): Stripe.Charge {
  return charge({
    amount: intent.amount,
    billing_details: { address: null, email: payer.email, name: payer.name, phone: null, tax_id: null },
    created: account.seconds(),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    metadata: intent.metadata,
    payment_intent: intent.id,
    payment_method: newId('pm'),
    payment_method_details: visa,
    status,
  })
}

function succeed(account: Account, intent: Stripe.PaymentIntent, paid: Stripe.Charge) {
  const succeeded = account.paymentIntents.save({
    ...intent,
    amount_received: intent.amount,
    last_payment_error: null,
    latest_charge: paid.id,
    payment_method: paid.payment_method,
    status: 'succeeded',
  })
  account.emit('payment_intent.succeeded', succeeded)
  return succeeded
}

function fail(account: Account, intent: Stripe.PaymentIntent, failed: Stripe.Charge) {
  const waiting = account.paymentIntents.save({
    ...intent,
    last_payment_error: {
      charge: failed.id,
      code:
        failed.failure_code === 'card_declined' ? 'card_declined' : 'payment_intent_payment_attempt_failed',
      ...(failed.failure_code === 'card_declined' && { decline_code: 'generic_decline' }),
      message: failed.failure_message ?? 'The payment failed.',
      type: 'card_error',
    },
    latest_charge: failed.id,
    payment_method: null,
    status: 'requires_payment_method',
  })
  account.emit('payment_intent.payment_failed', waiting)
  return waiting
}
