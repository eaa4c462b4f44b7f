import type Stripe from 'stripe'
import { type SeenEvent, seenObject } from '../store-seen.ts'

type Looked = Stripe.Checkout.Session | Stripe.Invoice | Stripe.Subscription | Stripe.Refund | Stripe.Dispute

/** An object in the form of the event that would have said so; null where it says nothing yet. */
export function asSeen(object: Looked, { at, livemode }: { at: Date; livemode: boolean }): SeenEvent | null {
  const type = typeOf(object)
  return type === null
    ? null
    : seenObject(object, { type, at, livemode: 'livemode' in object ? object.livemode : livemode })
}

function typeOf(object: Looked): string | null {
  switch (object.object) {
    case 'checkout.session':
      return typeOfSession(object)
    case 'invoice':
      return typeOfInvoice(object)
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

function typeOfInvoice({ status, attempted }: Stripe.Invoice): string | null {
  if (status === 'paid') return 'invoice.paid'
  if (status === 'uncollectible') return 'invoice.marked_uncollectible'
  if (status === 'void') return 'invoice.voided'
  return status === 'open' && attempted ? 'invoice.payment_failed' : null
}
