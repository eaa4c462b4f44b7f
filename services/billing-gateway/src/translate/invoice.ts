import { z } from '@hono/zod-openapi'
import { invoiceStatuses } from '@spawnpoint/contracts'
import { givenUp, lastTryFailed, overdue, tryFailed, voided } from '../books/failure.ts'
import { periodOf } from '../books/period.ts'
import { type PaymentFact, paymentFactSchema } from '../payment.ts'
import type { Fact, NothingSaid, Reading } from './fact.ts'
import { itemLines, lineSchema, subscriptionOfLine } from './invoice-line.ts'
import { buyerOf, isOurs, wishOf } from './our-metadata.ts'
import { currency, id, idOrObject, listOf, metadata, time } from './stripe-fields.ts'

const amounts = z
  .array(z.object({ amount: z.number().int() }))
  .nullish()
  .transform((list) => list?.reduce((sum, { amount }) => sum + amount, 0))

const ofSubscription = z.object({ subscription: idOrObject.optional(), metadata }).nullish()

const intentOrId = z
  .union([
    id.transform((intent) => ({ id: intent, status: null })),
    z.object({ id, status: z.string().nullish() }),
  ])
  .nullish()

/** Both shapes: until 2025-03-31 an invoice itself named its subscription and payment, since then its `parent` and `payments` do. */
const invoiceSchema = z.object({
  id,
  object: z.literal('invoice'),
  livemode: z.boolean(),
  billing_reason: z.string().nullish(),
  total: z.number().int().max(Number.MAX_SAFE_INTEGER),
  currency,
  total_discount_amounts: amounts,
  total_taxes: amounts,
  total_tax_amounts: amounts,
  tax: z.number().int().nullish(),
  shipping_cost: z.object({ amount_total: z.number().int() }).nullish(),
  customer: idOrObject,
  customer_email: z.string().nullish(),
  customer_name: z.string().nullish(),
  status: z.enum(invoiceStatuses).nullish().catch(null),
  collection_method: z.string().nullish(),
  amount_paid: z.number().int().min(0).nullish(),
  amount_remaining: z.number().int().nullish(),
  due_date: time,
  hosted_invoice_url: z.string().max(2_000).nullish().catch(null),
  attempt_count: z.number().int().min(0).nullish(),
  next_payment_attempt: time,
  parent: z.object({ subscription_details: ofSubscription }).nullish(),
  subscription: idOrObject,
  subscription_details: ofSubscription,
  payment_intent: idOrObject,
  charge: idOrObject,
  payments: listOf(
    z.object({
      status: z.string().nullish(),
      payment: z.object({ payment_intent: intentOrId, charge: idOrObject }).nullish(),
    }),
  ),
  lines: z
    .object({ data: z.array(lineSchema), has_more: z.boolean().nullish() })
    .nullish()
    .transform((list) => ({ data: list?.data ?? [], isCut: list?.has_more === true })),
})

type Invoice = z.infer<typeof invoiceSchema>
type Standing = Pick<PaymentFact, 'status' | 'failure' | 'attempts' | 'next_attempt_at'>
type ReadInvoice = (object: unknown, reading: Reading) => Fact | NothingSaid

export const readPaidInvoice = reader(() => ({
  status: 'succeeded',
  failure: null,
  attempts: 0,
  next_attempt_at: null,
}))

export const readFailedInvoice = reader(({ attempt_count, next_payment_attempt }) => ({
  status: 'failed',
  failure: next_payment_attempt ? tryFailed : lastTryFailed,
  attempts: attempt_count ?? 0,
  next_attempt_at: next_payment_attempt,
}))

export const readUncollectibleInvoice = reader((invoice) => over(invoice, givenUp))
export const readVoidedInvoice = reader((invoice) => over(invoice, voided))

/** Its bank debit is under way, its customer has to confirm it, or a part of it was paid: neither paid nor failed. */
export const readPendingInvoice = reader(pending)

/** Sent to the customer, who has until `due_date`. What is charged by itself says more when it was tried. */
export const readSentInvoice = reader((invoice) =>
  invoice.collection_method === 'send_invoice' ? pending(invoice) : null,
)
export const readOverdueInvoice = reader((invoice) => over(invoice, overdue))
/** Only what somebody has paid a part of: every other change has an event of its own. */
export const readUpdatedInvoice = reader((invoice) =>
  invoice.status === 'open' && (invoice.amount_paid ?? 0) > 0 ? pending(invoice) : null,
)

function pending({ attempt_count, next_payment_attempt }: Invoice): Standing {
  return {
    status: 'pending',
    failure: null,
    attempts: attempt_count ?? 0,
    next_attempt_at: next_payment_attempt,
  }
}

function over({ attempt_count }: Invoice, failure: string): Standing {
  return { status: 'failed', failure, attempts: attempt_count ?? 0, next_attempt_at: null }
}

function reader(standingOf: (invoice: Invoice) => Standing | null): ReadInvoice {
  return (object, reading) => {
    const invoice = invoiceSchema.parse(object)
    const subscription = subscriptionOf(invoice)
    if (!subscription) return { ignored: 'not_of_a_subscription' }
    const standing = standingOf(invoice)
    if (standing === null) return { ignored: 'nothing_to_collect' }
    const kind = kindOf(invoice)
    // Its buyer is still on the page and may try another card; what becomes of it, the session and the subscription say.
    if (kind === 'first' && standing.status !== 'succeeded') return { ignored: 'first_period' }
    return {
      about: 'payment',
      isOurs: isOurs(metadataOf(invoice)),
      isCut: invoice.lines.isCut,
      payment: paymentOf(invoice, { standing, kind, subscription, reading }),
    }
  }
}

function subscriptionOf({ parent, subscription, lines }: Invoice): string | null {
  const line = lines.data.map(subscriptionOfLine).find((found) => found !== null)
  return parent?.subscription_details?.subscription ?? subscription ?? line ?? null
}

function metadataOf({ parent, subscription_details }: Invoice): Record<string, string> {
  return { ...subscription_details?.metadata, ...parent?.subscription_details?.metadata }
}

// Guessing would count a first period twice: its session speaks of the same money.
function kindOf({ id, billing_reason: reason }: Invoice): PaymentFact['kind'] {
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
      throw new Error(`Invoice ${id} has a billing_reason that says nothing to us: ${reason ?? 'none'}`)
  }
}

function paymentOf(
  invoice: Invoice,
  {
    standing,
    kind,
    subscription,
    reading,
  }: { standing: Standing; kind: PaymentFact['kind']; subscription: string; reading: Reading },
): PaymentFact {
  // What a smaller plan gives back is credited to the customer's balance: nothing is charged.
  const isCredit = invoice.total < 0
  const lines = itemLines(invoice.lines.data)
  const period = periodOf({ kind, lines }, null)
  // Beside the one that paid there may be others that were given up.
  const { payment } = invoice.payments.find(({ status }) => status === 'paid') ?? invoice.payments.at(0) ?? {}
  return paymentFactSchema.parse({
    ...standing,
    ...wishOf(metadataOf(invoice)),
    ...buyerOf(invoice.customer_email, invoice.customer_name),
    payment_id: kind === 'first' ? subscription : invoice.id,
    kind,
    livemode: invoice.livemode,
    paid: { amount: isCredit ? 0 : invoice.total, currency: invoice.currency },
    discount: invoice.total_discount_amounts ?? 0,
    tax: isCredit ? 0 : (invoice.total_taxes ?? invoice.total_tax_amounts ?? invoice.tax ?? 0),
    shipping: invoice.shipping_cost?.amount_total ?? 0,
    nothing_owed: isCredit || invoice.total === 0,
    payment_intent_id: invoice.payment_intent ?? payment?.payment_intent?.id ?? null,
    subscription_id: subscription,
    stripe_customer_id: invoice.customer,
    checkout_session_id: null,
    charge_id: invoice.charge ?? payment?.charge ?? null,
    invoice_id: invoice.id,
    paid_until: standing.status === 'succeeded' ? (period?.end ?? null) : null,
    paid_from: standing.status === 'succeeded' ? (period?.start ?? null) : null,
    period_end: period?.end ?? null,
    lines,
    collected: standing.status === 'succeeded' ? (invoice.amount_paid ?? null) : null,
    trial_end: null,
    ...detailsOf(invoice, payment?.payment_intent?.status ?? null),
    details_at: reading.at.toISOString(),
    refunded: 0,
    refund_pending: 0,
    ...{ dispute: null, returned: false, disputed_at: null, dispute_reason: null },
    fraud_warning: null,
  } satisfies Record<keyof PaymentFact, unknown>)
}

function detailsOf(invoice: Invoice, intentStatus: string | null) {
  const { status, due_date, amount_remaining, hosted_invoice_url } = invoice
  const isOpen = status === 'open'
  return {
    invoice_status: status ?? null,
    due_at: due_date,
    amount_remaining: isOpen && amount_remaining != null ? Math.max(0, amount_remaining) : null,
    invoice_url: isOpen ? (hosted_invoice_url ?? null) : null,
    action_required: isOpen && intentStatus === 'requires_action',
    // Also what was given up can be paid.
    processing: (isOpen || status === 'uncollectible') && intentStatus === 'processing',
  }
}
