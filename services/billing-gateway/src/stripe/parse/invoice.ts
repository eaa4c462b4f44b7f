import type { BillingUpdate } from '../../rules/billing-update.ts'
import { givenUp, lastTryFailed, overdue, tryFailed, voided } from '../../rules/failure.ts'
import { idsOf } from '../../rules/merge-payment.ts'
import { periodOf } from '../../rules/period.ts'
import { type PaymentUpdate, paymentUpdateSchema } from '../../rules/stored-payment.ts'
import type { IgnoredEvent, ParseContext } from './context.ts'
import {
  collectedOf,
  type Invoice,
  invoiceSchema,
  isForgiven,
  isStatus,
  metadataOf,
  refuseUnknown,
  subscriptionOf,
} from './invoice-fields.ts'
import { itemLines } from './invoice-line.ts'
import { firstOf, intentStatusOf, paidBy } from './invoice-payments.ts'
import { buyerOf, isOurs, orderFieldsOf } from './metadata.ts'

type Collection = Pick<PaymentUpdate, 'status' | 'failure' | 'attempts' | 'next_attempt_at'>
type ParseInvoice = (object: unknown, context: ParseContext) => BillingUpdate | IgnoredEvent

export const parsePaidInvoice = reader(() => ({
  status: 'succeeded',
  failure: null,
  attempts: 0,
  next_attempt_at: null,
}))

export const parseFailedInvoice = reader((invoice) => {
  const { status, attempt_count, next_payment_attempt } = invoice
  // Somebody tried to pay what was given up: it stays that.
  if (status === 'uncollectible') return failedFor(invoice, givenUp)
  return {
    status: 'failed',
    failure: next_payment_attempt ? tryFailed : lastTryFailed,
    attempts: attempt_count ?? 0,
    next_attempt_at: next_payment_attempt,
  }
})

export const parseUncollectibleInvoice = reader((invoice) =>
  failedFor(invoice, isForgiven(invoice) ? voided : givenUp),
)
export const parseVoidedInvoice = reader((invoice) => failedFor(invoice, voided))

/** Its bank debit is processing, its customer has to confirm it, or it is partly paid: neither paid nor failed. */
export const parsePendingInvoice = reader(pending)

/** Sent to the customer, to be paid until `due_date`. An invoice charged automatically has events for each attempt. */
export const parseSentInvoice = reader((invoice) =>
  invoice.collection_method === 'send_invoice' ? pending(invoice) : null,
)
export const parseOverdueInvoice = reader((invoice) => failedFor(invoice, overdue))
/** Only partial payments: every other change has an event of its own. */
export const parseUpdatedInvoice = reader((invoice) =>
  invoice.status === 'open' && (invoice.amount_paid ?? 0) > 0 ? pending(invoice) : null,
)

function pending({ attempt_count, next_payment_attempt }: Invoice): Collection {
  return {
    status: 'pending',
    failure: null,
    attempts: attempt_count ?? 0,
    next_attempt_at: next_payment_attempt,
  }
}

function failedFor({ attempt_count }: Invoice, failure: string): Collection {
  return { status: 'failed', failure, attempts: attempt_count ?? 0, next_attempt_at: null }
}

function reader(collectionOf: (invoice: Invoice) => Collection | null): ParseInvoice {
  return (object, context) => {
    const invoice = invoiceSchema.parse(object)
    const subscription = subscriptionOf(invoice)
    if (!subscription) return { ignored: 'not_of_a_subscription' }
    const collection = collectionOf(invoice)
    if (collection === null) return { ignored: 'nothing_to_collect' }
    if (collection.status !== 'succeeded') refuseUnknown(invoice)
    const kind = kindOf(invoice)
    // The buyer is still on the page and may try another card; the session and the subscription report the result.
    if (kind === 'first' && collection.status !== 'succeeded') return { ignored: 'first_period' }
    return {
      about: 'payment',
      isOurs: isOurs(metadataOf(invoice)),
      isCut: invoice.lines.isCut || invoice.payments.isCut,
      payment: paymentOf(invoice, { collection, kind, subscription, context }),
    }
  }
}

// A guess could count a first period twice: its session reports the same money.
function kindOf({ id, billing_reason: reason }: Invoice): PaymentUpdate['kind'] {
  switch (reason) {
    case 'subscription_create':
    case 'quote_accept':
      return 'first'
    case 'subscription_cycle':
    case 'subscription_threshold':
      return 'renewal'
    case 'subscription_update':
    case 'manual':
    case 'automatic_pending_invoice_item_invoice':
      return 'change'
    default:
      throw new Error(`Invoice ${id} has an unknown billing_reason: ${reason ?? 'none'}`)
  }
}

function paymentOf(
  invoice: Invoice,
  {
    collection,
    kind,
    subscription,
    context,
  }: { collection: Collection; kind: PaymentUpdate['kind']; subscription: string; context: ParseContext },
): PaymentUpdate {
  // The credit of a smaller plan goes to the customer's balance: nothing is charged.
  const isCredit = invoice.total < 0
  const lines = itemLines(invoice.lines.data)
  const period = periodOf({ kind, lines }, null)
  const paymentIntent = invoice.payment_intent ?? firstOf(invoice, ({ payment_intent }) => payment_intent?.id)
  const charge = invoice.charge ?? firstOf(invoice, (payment) => payment.charge)
  return paymentUpdateSchema.parse({
    ...collection,
    ...orderFieldsOf(metadataOf(invoice)),
    ...buyerOf(invoice.customer_email, invoice.customer_name),
    payment_id: kind === 'first' ? subscription : invoice.id,
    kind,
    livemode: invoice.livemode,
    paid: { amount: isCredit ? 0 : invoice.total, currency: invoice.currency },
    discount: Math.max(0, invoice.total_discount_amounts ?? 0),
    tax: isCredit ? 0 : Math.max(0, invoice.total_taxes ?? invoice.total_tax_amounts ?? invoice.tax ?? 0),
    shipping: invoice.shipping_cost?.amount_total ?? 0,
    nothing_owed: isCredit || invoice.total === 0,
    payment_intent_id: paymentIntent,
    subscription_id: subscription,
    stripe_customer_id: invoice.customer,
    checkout_session_id: null,
    charge_id: charge,
    charged_by: idsOf([paymentIntent, charge], paidBy(invoice)),
    invoice_id: invoice.id,
    paid_until: collection.status === 'succeeded' ? (period?.end ?? null) : null,
    paid_from: collection.status === 'succeeded' ? (period?.start ?? null) : null,
    period_end: period?.end ?? null,
    lines,
    collected: collection.status === 'succeeded' ? collectedOf(invoice) : null,
    paid_at: collection.status === 'succeeded' ? paidAt(invoice, context) : null,
    trial_end: null,
    ...detailsOf(invoice, intentStatusOf(invoice)),
    details_at: context.at.toISOString(),
    refunded: 0,
    refund_pending: 0,
    ...{ dispute: null, disputed: null, disputed_at: null, dispute_reason: null },
    ...{ returned: false, returned_amount: null, unclear: null },
    fraud_warning: null,
  } satisfies Record<keyof PaymentUpdate, unknown>)
}

// An event comes when it happens; when an object was fetched says nothing about that.
function paidAt({ status_transitions }: Invoice, { at, isFetched }: ParseContext): string | null {
  return status_transitions?.paid_at ?? (isFetched ? null : at.toISOString())
}

function detailsOf(invoice: Invoice, intentStatus: string | null) {
  const { status, due_date, amount_remaining, hosted_invoice_url } = invoice
  const isOpen = status === 'open'
  return {
    invoice_status: isForgiven(invoice) ? ('void' as const) : status && isStatus(status) ? status : null,
    due_at: due_date,
    amount_remaining: isOpen && amount_remaining != null ? Math.max(0, amount_remaining) : null,
    invoice_url: isOpen ? (hosted_invoice_url ?? null) : null,
    action_required: isOpen && intentStatus === 'requires_action',
    // Also what was given up can be paid.
    processing: (isOpen || status === 'uncollectible') && intentStatus === 'processing',
  }
}
