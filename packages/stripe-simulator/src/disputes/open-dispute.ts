import type Stripe from 'stripe'
import { z } from 'zod'
import { type Account, must } from '../account.ts'
import { ApiError, missing } from '../api/api-error.ts'
import { paymentOf } from '../invoices/settle-invoice.ts'
import { dispute as disputeOf } from '../objects/dispute.ts'
import { chargeFor } from '../refunds/refundable-charge.ts'
import { detailsFor, disputeReasons } from './dispute-reasons.ts'

export const disputeRequest = z.strictObject({
  payment_intent: z.string().optional(),
  charge: z.string().optional(),
  /** What paid this invoice, of the present period or an old one. */
  invoice: z.string().optional(),
  /** An inquiry only asks; a chargeback takes the money at once. A direct debit has neither: it is lost at once. */
  kind: z.enum(['inquiry', 'chargeback']).default('chargeback'),
  /** In minor units; what is left of the charge if left out. */
  amount: z.number().int().min(1).optional(),
  /** If left out: `fraudulent` of a card, `insufficient_funds` of a direct debit. */
  reason: z.enum(disputeReasons).optional(),
})

/** The buyer disputes the payment at their bank, or the bank takes a debit back. */
export function openDispute(
  account: Account,
  { kind, amount, reason, invoice, ...which }: z.infer<typeof disputeRequest>,
): Stripe.Dispute {
  const charge = chargeFor(
    account,
    invoice === undefined ? which : { payment_intent: intentOf(account, invoice) },
  )
  if (charge.status !== 'succeeded')
    throw new ApiError(400, `Nobody can dispute a charge that is ${charge.status}.`)
  const isDebit = charge.payment_method_details?.type === 'sepa_debit'
  const about = {
    amount: amount ?? charge.amount - charge.amount_refunded,
    charge: charge.id,
    created: account.seconds(),
    currency: charge.currency,
    payment_intent: charge.payment_intent,
    reason: reason ?? (isDebit ? 'insufficient_funds' : 'fraudulent'),
  }
  const opened = isDebit ? returned(about) : ofCard(about, kind)
  account.disputes.save(opened)
  account.charges.save({ ...must(account.charges, charge.id), disputed: true })
  account.emit('charge.dispute.created', opened)
  if (kind === 'chargeback' || isDebit) account.emit('charge.dispute.funds_withdrawn', opened)
  if (isDebit) account.emit('charge.dispute.closed', opened)
  return opened
}

type About = Pick<Stripe.Dispute, 'amount' | 'charge' | 'created' | 'currency' | 'payment_intent' | 'reason'>

function ofCard(about: About, kind: 'inquiry' | 'chargeback') {
  const status = kind === 'inquiry' ? 'warning_needs_response' : 'needs_response'
  return disputeOf({ ...about, payment_method_details: detailsFor(about.reason, kind), status })
}

/**
 * A returned direct debit cannot be answered: it is lost when it is made. Its invoice stays paid, its subscription active.
 * Sources: support.stripe.com/questions/sepa-direct-debit-payment-disputes (final, no appeal; also when the account has
 * not the money), woocommerce-gateway-stripe (closed at once). The SDK's `PaymentMethodDetails` of a
 * dispute have no direct debits: only the charge shows what it was paid with.
 */
function returned(about: About): Stripe.Dispute {
  const { payment_method_details: _, ...dispute } = disputeOf({ ...about, status: 'lost' })
  return { ...dispute, evidence_details: { ...dispute.evidence_details, due_by: null } }
}

function intentOf(account: Account, invoice: string) {
  const payment = paymentOf(account, invoice)
  if (!payment) throw missing('invoice', invoice)
  return String(payment.payment.payment_intent)
}
