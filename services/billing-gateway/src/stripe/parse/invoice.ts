import { z } from '@hono/zod-openapi'
import { invoiceStatuses } from '@spawnpoint/contracts'
import type { BillingUpdate } from '../../rules/billing-update.ts'
import { givenUp, lastTryFailed, overdue, tryFailed, voided } from '../../rules/failure.ts'
import { idsOf, type PaymentUpdate, paymentUpdateSchema } from '../../rules/payment.ts'
import { periodOf } from '../../rules/period.ts'
import type { IgnoredEvent, ParseContext } from './context.ts'
import { currency, id, idOrObject, metadata, time } from './fields.ts'
import { itemLines, lineSchema, subscriptionOfLine } from './invoice-line.ts'
import { buyerOf, isOurs, orderFieldsOf } from './metadata.ts'

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
  status: z.string().nullish(),
  status_details: z
    .object({ uncollectible: z.object({ reason: z.string().nullish() }).nullish() })
    .nullish()
    .catch(null),
  collection_method: z.string().nullish(),
  amount_paid: z.number().int().min(0).nullish(),
  amount_remaining: z.number().int().nullish(),
  due_date: time,
  hosted_invoice_url: z.string().max(2_000).nullish().catch(null),
  attempt_count: z.number().int().min(0).nullish(),
  next_payment_attempt: time,
  status_transitions: z.object({ paid_at: time }).nullish().catch(null),
  parent: z.object({ subscription_details: ofSubscription }).nullish(),
  subscription: idOrObject,
  subscription_details: ofSubscription,
  payment_intent: idOrObject,
  charge: idOrObject,
  payments: z
    .object({
      data: z.array(
        z.object({
          status: z.string().nullish(),
          payment: z.object({ payment_intent: intentOrId, charge: idOrObject }).nullish(),
        }),
      ),
      has_more: z.boolean().nullish(),
    })
    .nullish()
    .transform((list) => ({ data: list?.data ?? [], isCut: list?.has_more === true })),
  lines: z
    .object({ data: z.array(lineSchema), has_more: z.boolean().nullish() })
    .nullish()
    .transform((list) => ({ data: list?.data ?? [], isCut: list?.has_more === true })),
})

type Invoice = z.infer<typeof invoiceSchema>
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

/**
 * Written off because the seller had paused the collection: nothing is asked for this period, as if it were voided.
 * Source: `status_details.uncollectible.reason` of the invoice object; docs.stripe.com/billing/subscriptions/pause-payment.
 */
function isForgiven({ status, status_details }: Invoice): boolean {
  return status === 'uncollectible' && status_details?.uncollectible?.reason === 'subscription_paused'
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

/** Source: `status_details.uncollectible.reason` in the SDK's types. */
const reasonsToGiveUp = [
  'max_payment_attempts',
  'payment_not_received',
  'subscription_canceled',
  'subscription_paused',
  'user_forgiven',
]

// Whether it is forgiven or not paid, nobody can tell: the event fails, and nobody is late for it.
function refuseUnknown({ id, status, status_details }: Invoice): void {
  if (status && !isStatus(status)) throw new Error(`Invoice ${id} has an unknown status: ${status}`)
  const reason = status === 'uncollectible' ? status_details?.uncollectible?.reason : null
  if (reason && !reasonsToGiveUp.includes(reason))
    throw new Error(`Invoice ${id} is uncollectible for an unknown reason: ${reason}`)
}

function isStatus(status: string): status is (typeof invoiceStatuses)[number] {
  return (invoiceStatuses as readonly string[]).includes(status)
}

function subscriptionOf({ parent, subscription, lines }: Invoice): string | null {
  const line = lines.data.map(subscriptionOfLine).find((found) => found !== null)
  return parent?.subscription_details?.subscription ?? subscription ?? line ?? null
}

function metadataOf({ parent, subscription_details }: Invoice): Record<string, string> {
  return { ...subscription_details?.metadata, ...parent?.subscription_details?.metadata }
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
    collected: collection.status === 'succeeded' ? (invoice.amount_paid ?? null) : null,
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

type Paying = NonNullable<Invoice['payments']['data'][number]['payment']>

// Beside the payments that succeeded there may be cancelled ones.
function firstOf(
  { payments: { data } }: Invoice,
  idIn: (payment: Paying) => string | null | undefined,
): string | null {
  const { payment } = data.find(({ status }) => status === 'paid') ?? data.at(0) ?? {}
  return (payment && idIn(payment)) ?? null
}

function paidBy({ payments }: Invoice): (string | null)[] {
  return payments.data.flatMap(({ status, payment }) =>
    status === 'paid' && payment ? [payment.payment_intent?.id ?? null, payment.charge] : [],
  )
}

// A debit in progress may stand beside payments that were cancelled or failed.
function intentStatusOf({ payments }: Invoice): string | null {
  const statuses = payments.data.flatMap(({ payment, status }) =>
    status === 'canceled' ? [] : (payment?.payment_intent?.status ?? []),
  )
  return statuses.find((status) => status === 'processing') ?? statuses[0] ?? null
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

const invoicePaymentSchema = z.object({
  object: z.literal('invoice_payment'),
  invoice: z.union([id, z.object({ id }).transform((invoice) => invoice.id)]),
  payment: z.object({ payment_intent: idOrObject, charge: idOrObject }).nullish(),
})

/** Since 2025-03-31 nothing else names the PaymentIntent that paid an invoice. */
export function parseInvoicePayment(object: unknown): BillingUpdate | IgnoredEvent {
  const { invoice, payment } = invoicePaymentSchema.parse(object)
  const link = { paymentIntentId: payment?.payment_intent ?? null, chargeId: payment?.charge ?? null }
  return { about: 'invoice-payment', invoiceId: invoice, link }
}
