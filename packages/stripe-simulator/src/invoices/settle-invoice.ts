import type Stripe from 'stripe'
import type { Account, Cause } from '../account.ts'
import { formerly } from '../formerly.ts'

/** The invoice's default payment; one that cost nothing has none. */
export function paymentOf(account: Account, invoice: string) {
  return account.invoicePayments
    .all()
    .findLast((payment) => payment.invoice === invoice && payment.is_default)
}

/** `outOfBand`: paid past Stripe, by bank transfer or in cash, so no payment intent shows it. */
export function markPaid(
  account: Account,
  invoice: Stripe.Invoice,
  {
    attempted = invoice.amount_due > 0,
    outOfBand = false,
    cause,
  }: { attempted?: boolean; outOfBand?: boolean; cause?: Cause } = {},
): Stripe.Invoice {
  const now = account.seconds()
  const payment = paymentOf(account, invoice.id)
  const intent = account.paymentIntents.get(String(payment?.payment.payment_intent))
  if (payment?.status === 'open' && !outOfBand) {
    const settled = account.invoicePayments.save({
      ...payment,
      amount_paid: intent?.amount ?? invoice.amount_due,
      status: 'paid',
      status_transitions: { canceled_at: null, paid_at: now },
    })
    account.emit('invoice_payment.paid', settled)
  }
  const paid = account.invoices.save({
    ...invoice,
    amount_paid: invoice.amount_due,
    amount_remaining: 0,
    attempt_count: invoice.attempt_count + (attempted && !outOfBand ? 1 : 0),
    attempted: true,
    auto_advance: false,
    next_payment_attempt: null,
    status: 'paid',
    status_transitions: { ...invoice.status_transitions, paid_at: now },
    ...(intent && {
      [formerly]: { charge: outOfBand ? null : intent.latest_charge, payment_intent: intent.id },
    }),
  })
  const because = { ...(cause && { cause }) }
  account.emit('invoice.paid', paid, because)
  account.emit('invoice.payment_succeeded', paid, because)
  return paid
}

/** An attempt to pay it failed; `nextAttempt` (Unix seconds) is when Stripe tries again by itself. */
export function markUnpaid(
  account: Account,
  invoice: Stripe.Invoice,
  {
    nextAttempt,
    attempted = true,
    actionRequired = false,
  }: { nextAttempt: number | null; attempted?: boolean; actionRequired?: boolean },
): Stripe.Invoice {
  const intent = account.paymentIntents.get(String(paymentOf(account, invoice.id)?.payment.payment_intent))
  const unpaid = account.invoices.save({
    ...invoice,
    attempt_count: invoice.attempt_count + (attempted ? 1 : 0),
    attempted: true,
    auto_advance: nextAttempt !== null,
    next_payment_attempt: nextAttempt,
    ...(intent && { [formerly]: { charge: intent.latest_charge, payment_intent: intent.id } }),
  })
  account.emit('invoice.payment_failed', unpaid)
  if (actionRequired) account.emit('invoice.payment_action_required', unpaid)
  return unpaid
}

/** A debit is on its way: the invoice stays open, and nothing has failed. */
export function markProcessing(account: Account, invoice: Stripe.Invoice): Stripe.Invoice {
  return account.change(
    account.invoices,
    invoice,
    { attempt_count: invoice.attempt_count + 1, attempted: true, next_payment_attempt: null },
    'invoice.updated',
  )
}
