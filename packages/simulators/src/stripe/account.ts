import type Stripe from 'stripe'
import { type Collection, createCollection } from './collection.ts'
import {
  type EventRequest,
  type EventType,
  type ObjectOf,
  type SnapshotEvent,
  stripeEvent,
} from './events.ts'

export type Account = ReturnType<typeof createAccount>

/** What Checkout was asked for and the session itself does not show. */
export type CheckoutTerms = {
  lineItems: Stripe.LineItem[]
  paymentMetadata: Record<string, string>
  paymentDescription: string | null
  subscriptionDescription: string | null
  subscriptionMetadata: Record<string, string>
}

/** The API request an event came from; none when a buyer or time itself caused it. */
export type Cause = EventRequest
export const nobody: Cause = { id: null, idempotency_key: null }

/** The seller's account at Stripe: its objects, and the events they leave behind. */
export function createAccount({ now, apiVersion }: { now: () => number; apiVersion: string }) {
  const seconds = () => Math.floor(now() / 1000)
  const events = createCollection<SnapshotEvent>()
  const objects = {
    sessions: createCollection<Stripe.Checkout.Session>(),
    paymentIntents: createCollection<Stripe.PaymentIntent>(),
    charges: createCollection<Stripe.Charge>(),
    refunds: createCollection<Stripe.Refund>(),
    customers: createCollection<Stripe.Customer>(),
    products: createCollection<Stripe.Product>(),
    prices: createCollection<Stripe.Price>(),
    subscriptions: createCollection<Stripe.Subscription>(),
    invoices: createCollection<Stripe.Invoice>(),
    invoicePayments: createCollection<Stripe.InvoicePayment>(),
  }
  const listeners = new Set<(event: SnapshotEvent) => void>()

  return {
    ...objects,
    events,
    terms: new Map<string, CheckoutTerms>(),
    seconds,
    counts: () =>
      Object.fromEntries(Object.entries({ ...objects, events }).map(([kind, { size }]) => [kind, size()])),

    emit<T extends EventType>(
      type: T,
      object: ObjectOf<T>,
      { cause = nobody, previous }: { cause?: Cause; previous?: Partial<ObjectOf<T>> } = {},
    ) {
      const event = stripeEvent(type, object, {
        apiVersion,
        created: seconds(),
        request: cause,
        ...(previous && { previousAttributes: previous }),
      })
      events.save(event)
      for (const listener of listeners) listener(event)
      return event
    },

    onEvent(listener: (event: SnapshotEvent) => void) {
      listeners.add(listener)
    },

    /** Runs something and tells which events it left behind. */
    watching<R>(act: () => R): { result: R; events: readonly SnapshotEvent[] } {
      const before = events.size()
      const result = act()
      return { result, events: events.all().slice(before) }
    },
  }
}

export function must<T extends { id: string }>(collection: Collection<T>, id: string): T {
  const found = collection.get(id)
  if (!found) throw new Error(`the simulated Stripe lost its own ${id}`)
  return found
}
