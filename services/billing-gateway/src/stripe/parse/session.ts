import { z } from '@hono/zod-openapi'
import type { Payment } from '@spawnpoint/contracts'
import type { BillingUpdate } from '../../rules/billing-update.ts'
import { idsOf } from '../../rules/merge-payment.ts'
import { type PaymentUpdate, paymentUpdateSchema } from '../../rules/stored-payment.ts'
import type { IgnoredEvent, ParseContext } from './context.ts'
import { currency, id, idOrObject, metadata } from './fields.ts'
import { buyerOf, isOurs, orderFieldsOf } from './metadata.ts'

const totals = z.object({
  amount_discount: z.number().int().nullish(),
  amount_tax: z.number().int().nullish(),
  amount_shipping: z.number().int().nullish(),
})

/**
 * The fields of a Checkout session in use. Their shape follows the API version of the webhook endpoint, never that of the
 * installed package: any field that some version leaves out may be missing.
 */
const sessionSchema = z.object({
  id,
  object: z.literal('checkout.session'),
  mode: z.enum(['payment', 'setup', 'subscription']),
  livemode: z.boolean(),
  payment_status: z.enum(['paid', 'unpaid', 'no_payment_required']),
  amount_total: z.number().int().nullable(),
  currency: currency.nullable(),
  total_details: totals.nullish(),
  metadata,
  payment_intent: idOrObject,
  subscription: idOrObject,
  invoice: idOrObject,
  customer: idOrObject,
  customer_email: z.string().nullish(),
  customer_details: z.object({ email: z.string().nullish(), name: z.string().nullish() }).nullish(),
})

type Session = z.infer<typeof sessionSchema>
type PaymentStatus = Pick<Payment, 'status' | 'failure'>
type ParseSession = (object: unknown, context: ParseContext) => BillingUpdate | IgnoredEvent

/** Completed: the buyer has finished; a bank debit is still unpaid then, and may never be paid. */
export const parseCompletedSession = reader(({ payment_status }) => ({
  status: payment_status === 'unpaid' ? 'pending' : 'succeeded',
  failure: null,
}))
export const parsePaidSession = reader(() => ({ status: 'succeeded', failure: null }))
export const parseUnpaidSession = reader(() => ({
  status: 'failed',
  failure: "The buyer's bank did not pay.",
}))
export const parseExpiredSession = reader(() => ({
  status: 'expired',
  failure: 'The checkout expired before anything was paid.',
}))

function reader(status: (session: Session) => PaymentStatus): ParseSession {
  return (object, context) => {
    const session = sessionSchema.parse(object)
    if (session.mode === 'setup') return { ignored: 'not_a_sale' }
    if (!isOurs(session.metadata)) return { ignored: 'not_ours' }
    return { about: 'payment', isOurs: true, payment: paymentOf(session, status(session), context) }
  }
}

function paymentOf(session: Session, status: PaymentStatus, { at, isFetched }: ParseContext): PaymentUpdate {
  const { total_details: sums, customer_details: buyer } = session
  return paymentUpdateSchema.parse({
    ...status,
    ...orderFieldsOf(session.metadata),
    ...buyerOf(buyer?.email ?? session.customer_email, buyer?.name),
    payment_id: paymentIdOf(session, status),
    kind: 'first',
    livemode: session.livemode,
    paid: { amount: session.amount_total, currency: session.currency },
    discount: sums?.amount_discount ?? 0,
    tax: sums?.amount_tax ?? 0,
    shipping: sums?.amount_shipping ?? 0,
    nothing_owed: session.payment_status === 'no_payment_required',
    payment_intent_id: session.payment_intent,
    subscription_id: session.mode === 'subscription' ? session.subscription : null,
    stripe_customer_id: session.customer,
    checkout_session_id: session.id,
    charge_id: null,
    charged_by: idsOf([session.payment_intent], []),
    invoice_id: session.invoice,
    ...{ paid_until: null, paid_from: null, period_end: null, lines: null, trial_end: null },
    // Whether its subscription was over by then decides what it pays for, and its invoice may come later.
    paid_at:
      session.mode === 'subscription' && status.status === 'succeeded' && !isFetched
        ? at.toISOString()
        : null,
    // For a subscription's first period only its invoice has the charged amount.
    collected: session.mode === 'payment' && status.status === 'succeeded' ? session.amount_total : null,
    ...{ invoice_status: null, due_at: null, amount_remaining: null, invoice_url: null, details_at: null },
    ...{ action_required: false, processing: false },
    attempts: 0,
    next_attempt_at: null,
    refunded: 0,
    refund_pending: 0,
    ...{ dispute: null, disputed: null, disputed_at: null, dispute_reason: null },
    ...{ returned: false, returned_amount: null, unclear: null },
    fraud_warning: null,
  } satisfies Record<keyof PaymentUpdate, unknown>)
}

// The invoice of a first period names the subscription and no session: this id is what both share.
function paymentIdOf({ id, mode, subscription }: Session, { status }: PaymentStatus): string {
  if (mode !== 'subscription') return id
  const isThrough = status === 'pending' || status === 'succeeded'
  if (isThrough && !subscription) throw new Error(`Session ${id} is complete but names no subscription`)
  return subscription ?? id
}
