import type Stripe from 'stripe'
import { type Account, must } from '../account.ts'
import { attempt } from './attempt.ts'
import { type Declining, refusalOf } from './card.ts'
import type { Payer } from './payer.ts'

/** The buyer's card accepts. */
export function payByCard(account: Account, intent: Stripe.PaymentIntent, payer: Payer) {
  const paid = account.charges.save(attempt(account, intent, payer, { status: 'succeeded' }))
  account.emit('charge.succeeded', paid)
  return succeed(account, intent, paid)
}

/** The buyer's card declines: the intent waits for another one. */
export function declineCard(
  account: Account,
  intent: Stripe.PaymentIntent,
  payer: Payer,
  answer: Exclude<Declining, 'requires_action'> = 'declined',
) {
  const { code, message } = refusalOf(answer)
  const failed = account.charges.save(
    attempt(account, intent, payer, { status: 'failed', failure_code: code, failure_message: message }),
  )
  account.emit('charge.failed', failed)
  return fail(account, intent, failed, refusalOf(answer).decline_code)
}

/** The bank wants to see the buyer first: nothing is charged until they have come. */
export function askForAction(account: Account, intent: Stripe.PaymentIntent) {
  const waiting = account.paymentIntents.save({
    ...intent,
    next_action: { type: 'use_stripe_sdk', use_stripe_sdk: {} },
    status: 'requires_action',
  })
  account.emit('payment_intent.requires_action', waiting)
  return waiting
}

/** A bank transfer that covers all of it has come. */
export function payByTransfer(account: Account, intent: Stripe.PaymentIntent, payer: Payer) {
  const paid = account.charges.save(
    attempt(account, intent, payer, { status: 'succeeded', by: 'bank-transfer' }),
  )
  account.emit('charge.succeeded', paid)
  return succeed(account, intent, paid)
}

/** A part of it has come. Source: the SDK's description of `payment_intent.partially_funded`. */
export function fundInPart(account: Account, intent: Stripe.PaymentIntent, remaining: number) {
  const funded = account.paymentIntents.save({
    ...intent,
    next_action: {
      type: 'display_bank_transfer_instructions',
      display_bank_transfer_instructions: {
        amount_remaining: remaining,
        currency: intent.currency,
        hosted_instructions_url: null,
        reference: null,
        type: 'eu_bank_transfer',
      },
    },
    payment_method_types: ['customer_balance'],
    status: 'requires_action',
  })
  account.emit('payment_intent.partially_funded', funded)
  return funded
}

/** A bank debit is on its way and succeeds or fails days later: see `settleBankDebit`. */
export function startBankDebit(account: Account, intent: Stripe.PaymentIntent, payer: Payer) {
  const pending = account.charges.save(
    attempt(account, intent, payer, { status: 'pending', by: 'bank-debit' }),
  )
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
  return fail(account, intent, failed, null)
}

/** Nobody is to pay this any more. */
export function cancelIntent(account: Account, id: string, reason: Stripe.PaymentIntent.CancellationReason) {
  const intent = must(account.paymentIntents, id)
  if (intent.status === 'succeeded' || intent.status === 'canceled') return
  const canceled = account.paymentIntents.save({
    ...intent,
    canceled_at: account.seconds(),
    cancellation_reason: reason,
    next_action: null,
    status: 'canceled',
  })
  account.emit('payment_intent.canceled', canceled)
}

function succeed(account: Account, intent: Stripe.PaymentIntent, paid: Stripe.Charge) {
  const succeeded = account.paymentIntents.save({
    ...intent,
    amount_received: intent.amount,
    last_payment_error: null,
    latest_charge: paid.id,
    next_action: null,
    payment_method: paid.payment_method,
    status: 'succeeded',
  })
  account.emit('payment_intent.succeeded', succeeded)
  return succeeded
}

function fail(
  account: Account,
  intent: Stripe.PaymentIntent,
  failed: Stripe.Charge,
  declineCode: string | null,
) {
  const isBank = failed.payment_method_details?.type === 'sepa_debit'
  const waiting = account.paymentIntents.save({
    ...intent,
    last_payment_error: {
      charge: failed.id,
      code: isBank ? 'payment_intent_payment_attempt_failed' : (failed.failure_code ?? 'card_declined'),
      ...(declineCode !== null && { decline_code: declineCode }),
      message: failed.failure_message ?? 'The payment failed.',
      type: 'card_error',
    },
    latest_charge: failed.id,
    next_action: null,
    payment_method: null,
    status: 'requires_payment_method',
  })
  account.emit('payment_intent.payment_failed', waiting)
  return waiting
}
