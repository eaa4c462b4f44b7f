import type Stripe from 'stripe'
import { readInvoice } from './complete-lists.ts'
import type { BillingObject } from './object-event.ts'

type ObjectKind = 'sessions' | 'invoices' | 'subscriptions' | 'refunds' | 'disputes'
type Paging = { limit: number; starting_after?: string }
type Created = { gte: number }
export type Listing = (paging: Paging) => Promise<Stripe.Response<Stripe.ApiList<BillingObject>>>

const sessionsLiveForS = 25 * 3_600

/** Stripe's objects of each kind since then. A session may be paid a day after its creation. */
export function listingsSince(stripe: Stripe, sinceS: number): Record<ObjectKind, Listing> {
  const created: Created = { gte: sinceS }
  return {
    sessions: (paging) =>
      stripe.checkout.sessions.list({ ...paging, created: { gte: sinceS - sessionsLiveForS } }),
    invoices: (paging) =>
      stripe.invoices.list({ ...paging, created, status: 'paid', expand: ['data.payments'] }),
    subscriptions: (paging) => stripe.subscriptions.list({ ...paging, created, status: 'all' }),
    refunds: (paging) => stripe.refunds.list({ ...paging, created }),
    disputes: (paging) => stripe.disputes.list({ ...paging, created }),
  }
}

/** All that have not ended, whenever they began. */
export function activeSubscriptions(stripe: Stripe): Listing {
  return (paging) => stripe.subscriptions.list(paging)
}

/** One object in its current state, with its lists complete. */
export function retrieveObject(
  stripe: Stripe,
  { kind, id }: { kind: ObjectKind; id: string },
): Promise<Stripe.Response<BillingObject>> {
  switch (kind) {
    case 'sessions':
      return stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] })
    case 'invoices':
      return readInvoice(stripe, id)
    case 'subscriptions':
      return stripe.subscriptions.retrieve(id)
    case 'refunds':
      return stripe.refunds.retrieve(id)
    case 'disputes':
      return stripe.disputes.retrieve(id)
    default:
      return kind satisfies never
  }
}
