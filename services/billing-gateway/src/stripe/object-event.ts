import { createHash } from 'node:crypto'
import Stripe from 'stripe'
import type { FetchedEvent } from '../rules/fetched-event.ts'

/** What the money of a shop is read from. */
export type BillingObject =
  | Stripe.Checkout.Session
  | Stripe.Invoice
  | Stripe.Subscription
  | Stripe.Refund
  | Stripe.Dispute

/** An object in the form of the event that would have said so; null where it says nothing yet. */
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
  // What the bank refuses later shows only in the PaymentIntent, where it was asked for.
  const intent = typeof payment_intent === 'string' ? null : payment_intent
  const isRefused = intent?.status === 'requires_payment_method' || intent?.status === 'canceled'
  return payment_status === 'unpaid' && isRefused
    ? 'checkout.session.async_payment_failed'
    : 'checkout.session.completed'
}

/** What an invoice says as it is now; null while nobody has tried to collect it. */
export function typeOfInvoice(invoice: Stripe.Invoice, at: Date): string | null {
  const { status, attempted, collection_method, due_date } = invoice
  if (status === 'paid') return 'invoice.paid'
  if (status === 'uncollectible') return 'invoice.marked_uncollectible'
  if (status === 'void') return 'invoice.voided'
  if (status !== 'open') return null
  if (collection_method === 'send_invoice')
    return isPast(due_date, at) ? 'invoice.overdue' : 'invoice.finalized'
  // A bank debit that is under way for days has neither failed nor paid: the event says neither.
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

/** An object as Stripe's API shows it, in the form of the event that would say so: it goes the road of every event. */
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
