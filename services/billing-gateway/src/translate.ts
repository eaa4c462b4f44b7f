import { z } from '@hono/zod-openapi'
import { type Payment, paymentSchema } from '@spawnpoint/contracts'
import { type CheckoutSession, checkoutSessionSchema } from './checkout-session.ts'
import type { PaymentFact } from './payment.ts'

export type Translated =
  | { fact: PaymentFact; happenedAt: Date }
  | {
      ignored: 'thin_event' | 'type_not_used' | 'connected_account' | 'wrong_mode' | 'not_a_sale' | 'not_ours'
    }

/** What a stored Stripe event says of a payment, or the name of the reason why it says nothing. Throws when it is malformed. */
export function translate(body: unknown, { livemode }: { livemode: boolean }): Translated {
  const event = eventSchema.parse(body)
  if (event.object === 'v2.core.event') return { ignored: 'thin_event' }
  if (!isUsed(event.type)) return { ignored: 'type_not_used' }
  // Whoever owns a connected account writes its metadata as they like, and its money is not the seller's.
  if (event.account) return { ignored: 'connected_account' }
  if (event.livemode !== livemode) return { ignored: 'wrong_mode' }
  const session = checkoutSessionSchema.parse(event.data?.object)
  if (session.mode === 'setup') return { ignored: 'not_a_sale' }
  if (!orderIdOf(session) && !session.metadata.plan) return { ignored: 'not_ours' }
  return { fact: factOf(session, usedTypes[event.type](session)), happenedAt: new Date(event.created * 1000) }
}

const eventSchema = z.discriminatedUnion('object', [
  z.object({ object: z.literal('v2.core.event') }),
  z.object({
    object: z.literal('event'),
    type: z.string(),
    livemode: z.boolean(),
    created: z.number().int(),
    account: z.string().nullish(),
    data: z.object({ object: z.unknown() }).optional(),
  }),
])

type Standing = Pick<Payment, 'status' | 'failure'>

const usedTypes = {
  // Completed says that the buyer is through; a bank debit is still unpaid then, and may never be paid.
  'checkout.session.completed': ({ payment_status }: CheckoutSession): Standing => ({
    status: payment_status === 'unpaid' ? 'pending' : 'succeeded',
    failure: null,
  }),
  'checkout.session.async_payment_succeeded': (): Standing => ({ status: 'succeeded', failure: null }),
  'checkout.session.async_payment_failed': (): Standing => ({
    status: 'failed',
    failure: "The buyer's bank did not pay.",
  }),
  'checkout.session.expired': (): Standing => ({
    status: 'expired',
    failure: 'The checkout expired before anything was paid.',
  }),
} as const

/** The types that say something of a payment. */
export const usedTypeNames: readonly string[] = Object.keys(usedTypes)

function isUsed(type: string): type is keyof typeof usedTypes {
  return Object.hasOwn(usedTypes, type)
}

const factSchema = paymentSchema.omit({ version: true })

function factOf(session: CheckoutSession, standing: Standing): PaymentFact {
  const { metadata, total_details: totals, customer_details: buyer } = session
  return factSchema.parse({
    ...standing,
    payment_id: session.id,
    kind: 'first',
    livemode: session.livemode,
    order_id: orderIdOf(session),
    paid: { amount: session.amount_total, currency: session.currency },
    discount: totals?.amount_discount ?? 0,
    tax: totals?.amount_tax ?? 0,
    shipping: totals?.amount_shipping ?? 0,
    nothing_owed: session.payment_status === 'no_payment_required',
    payment_intent_id: session.payment_intent,
    subscription_id: session.subscription,
    stripe_customer_id: session.customer,
    customer_email: addressOf(buyer?.email ?? session.customer_email),
    customer_name: clipped(buyer?.name, maxOfBuyer),
    plan: clipped(metadata.plan, maxOfWish),
    region: clipped(metadata.region, maxOfWish),
    server_name: clipped(metadata.server_name, maxOfWish),
    checkout_session_id: session.id,
    paid_until: null,
    attempts: 0,
    next_attempt_at: null,
    refunded: 0,
    refund_pending: 0,
    dispute: null,
    fraud_warning: null,
  } satisfies Record<keyof PaymentFact, unknown>)
}

/** Ids of ours are UUIDs of version 5; a shop's own checkouts may well carry an `order_id` that means nothing here. */
function orderIdOf({ metadata }: CheckoutSession): string | null {
  const id = metadata.order_id ?? ''
  return /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id) ? id : null
}

// Stripe takes more than a payment may say, and what is paid must not fail here for its wording.
const maxOfWish = longestOf(paymentSchema.shape.plan)
const maxOfBuyer = longestOf(paymentSchema.shape.customer_name)

function longestOf(text: z.ZodNullable<z.ZodString>): number {
  const { maxLength } = text.unwrap()
  if (maxLength === null) throw new Error('A text of a payment has a longest length')
  return maxLength
}

// Clipped and not left out: a region that is too long is an unknown one, where none at all could be the only one there is.
function clipped(text: string | null | undefined, max: number): string | null {
  return text ? text.slice(0, max).toWellFormed() : null
}

// A clipped address would be somebody else's.
function addressOf(text: string | null | undefined): string | null {
  return text && text.length <= maxOfBuyer ? text.toWellFormed() : null
}
