import { createHash } from 'node:crypto'
import Stripe from 'stripe'
import type { FetchedEvent } from '../rules/fetched-event.ts'

/** The objects that billing state is read from. */
export type BillingObject =
  | Stripe.Checkout.Session
  | Stripe.Invoice
  | Stripe.Subscription
  | Stripe.Refund
  | Stripe.Dispute

/** An object in the form of the event that would carry it; null where there would be no event yet. */
export function eventFromObject(
  object: BillingObject,
  { at, livemode }: { at: Date; livemode: boolean },
): FetchedEvent | null {
  const type = typeOf(object, at)
  return type === null
    ? null
    : eventOfType(object, { type, at, livemode: 'livemode' in object ? object.livemode : livemode })
}

function typeOf(object: BillingObject, at: Date): string | null {
  switch (object.object) {
    case 'checkout.session':
      return typeOfSession(object)
    case 'invoice':
      return typeOfInvoice(object, at)
    case 'subscription':
      return object.status === 'canceled' ? 'customer.subscription.deleted' : 'customer.subscription.updated'
    case 'refund':
      return 'refund.updated'
    case 'dispute':
      return 'charge.dispute.updated'
    default:
      return object satisfies never
  }
}

function typeOfSession({ status, payment_status, payment_intent }: Stripe.Checkout.Session): string | null {
  if (status === 'expired') return 'checkout.session.expired'
  if (status !== 'complete') return null
  // A later refusal by the bank shows only in the PaymentIntent, where that was expanded.
  const intent = typeof payment_intent === 'string' ? null : payment_intent
  const isRefused = intent?.status === 'requires_payment_method' || intent?.status === 'canceled'
  return payment_status === 'unpaid' && isRefused
    ? 'checkout.session.async_payment_failed'
    : 'checkout.session.completed'
}

/** The event type of an invoice in its current state; null before the first attempt to collect it. */
export function typeOfInvoice(invoice: Stripe.Invoice, at: Date): string | null {
  const { status, attempted, collection_method, due_date } = invoice
  if (status === 'paid') return 'invoice.paid'
  if (status === 'uncollectible') return 'invoice.marked_uncollectible'
  if (status === 'void') return 'invoice.voided'
  if (status !== 'open') return null
  if (collection_method === 'send_invoice')
    return isPast(due_date, at) ? 'invoice.overdue' : 'invoice.finalized'
  // A bank debit takes days: until then it has neither failed nor been paid.
  const intents = intentsOf(invoice)
  if (intents.some((intent) => intent === 'processing')) return 'invoice.payment_action_required'
  return attempted ? 'invoice.payment_failed' : null
}

function isPast(dueDate: number | null, at: Date): boolean {
  return dueDate !== null && dueDate * 1000 <= at.getTime()
}

function intentsOf({ payments }: Stripe.Invoice): string[] {
  return (payments?.data ?? []).flatMap(({ payment, status }) => {
    const { payment_intent: intent } = payment
    return status === 'canceled' || !intent || typeof intent === 'string' ? [] : intent.status
  })
}

type StripeObject = { id: string; livemode?: boolean }

/** An object from Stripe's API in the form of an event, so that it is processed like one. */
export function eventOfType(
  object: StripeObject,
  { type, at, livemode }: { type: string; at: Date; livemode: boolean },
): FetchedEvent {
  const content = JSON.stringify(object)
  const hash = createHash('sha256').update(`${type} ${at.getTime()} ${content}`).digest('hex').slice(0, 40)
  const event = {
    id: `seen_${hash}`,
    object: 'event',
    type,
    api_version: Stripe.API_VERSION,
    created: Math.floor(at.getTime() / 1000),
    livemode,
    data: { object },
  }
  return {
    source: 'seen',
    eventId: event.id,
    type,
    apiVersion: event.api_version,
    livemode,
    created: at,
    body: JSON.stringify(event),
  }
}
