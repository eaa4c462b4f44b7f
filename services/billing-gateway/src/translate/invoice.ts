import { z } from '@hono/zod-openapi'
import { givenUp, lastTryFailed, tryFailed, voided } from '../books/failure.ts'
import { type PaymentFact, paymentFactSchema } from '../payment.ts'
import type { Fact, NothingSaid } from './fact.ts'
import { buyerOf, isOurs, wishOf } from './our-metadata.ts'
import { currency, id, idOrObject, latest, listOf, metadata, time } from './stripe-fields.ts'

const amounts = z
  .array(z.object({ amount: z.number().int() }))
  .nullish()
  .transform((list) => list?.reduce((sum, { amount }) => sum + amount, 0))

const lineSchema = z.object({
  period: z
    .object({ end: time })
    .nullish()
    .transform((period) => period?.end ?? null),
  subscription: idOrObject,
  parent: z.object({ subscription_item_details: z.object({ subscription: idOrObject }).nullish() }).nullish(),
})

const ofSubscription = z.object({ subscription: idOrObject.optional(), metadata }).nullish()

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
      payment: z.object({ payment_intent: idOrObject, charge: idOrObject }).nullish(),
    }),
  ),
  lines: listOf(lineSchema),
})

type Invoice = z.infer<typeof invoiceSchema>
type Standing = Pick<PaymentFact, 'status' | 'failure' | 'attempts' | 'next_attempt_at'>
type ReadInvoice = (object: unknown) => Fact | NothingSaid

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

function over({ attempt_count }: Invoice, failure: string): Standing {
  return { status: 'failed', failure, attempts: attempt_count ?? 0, next_attempt_at: null }
}

function reader(standingOf: (invoice: Invoice) => Standing): ReadInvoice {
  return (object) => {
    const invoice = invoiceSchema.parse(object)
    const subscription = subscriptionOf(invoice)
    if (!subscription) return { ignored: 'not_of_a_subscription' }
    const standing = standingOf(invoice)
    const kind = kindOf(invoice)
    // Its buyer is still on the page and may try another card; what becomes of it, the session and the subscription say.
    if (kind === 'first' && standing.status === 'failed') return { ignored: 'first_period' }
    return {
      about: 'payment',
      isOurs: isOurs(metadataOf(invoice)),
      payment: paymentOf(invoice, { standing, kind, subscription }),
    }
  }
}

function subscriptionOf({ parent, subscription, lines }: Invoice): string | null {
  const line = lines.map(subscriptionOfLine).find((found) => found !== null)
  return parent?.subscription_details?.subscription ?? subscription ?? line ?? null
}

function subscriptionOfLine(line: Invoice['lines'][number]): string | null {
  return line.subscription ?? line.parent?.subscription_item_details?.subscription ?? null
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
  { standing, kind, subscription }: { standing: Standing; kind: PaymentFact['kind']; subscription: string },
): PaymentFact {
  // What a smaller plan gives back stays as a credit for the next invoice: nothing is charged.
  const isCredit = kind === 'change' && invoice.total < 0
  const periodEnd = periodEndOf(invoice)
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
    payment_intent_id: invoice.payment_intent ?? payment?.payment_intent ?? null,
    subscription_id: subscription,
    stripe_customer_id: invoice.customer,
    checkout_session_id: null,
    charge_id: invoice.charge ?? payment?.charge ?? null,
    invoice_id: invoice.id,
    paid_until: standing.status === 'succeeded' ? periodEnd : null,
    period_end: periodEnd,
    refunded: 0,
    refund_pending: 0,
    dispute: null,
    fraud_warning: null,
  } satisfies Record<keyof PaymentFact, unknown>)
}

// An invoice may also carry things that are sold beside the subscription, with periods of their own.
function periodEndOf({ lines }: Invoice): string | null {
  const own = lines.filter((line) => subscriptionOfLine(line) !== null)
  return latest((own.length > 0 ? own : lines).map(({ period }) => period))
}
