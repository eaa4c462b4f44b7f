import type Stripe from 'stripe'
import { type BillingSettings, defaultBilling } from './billing-settings.ts'
import { createAgenda } from './clock/agenda.ts'
import { type Collection, createCollection } from './collection.ts'
import { differences } from './differences.ts'
import {
  type EventRequest,
  type EventType,
  type ObjectOf,
  type SnapshotEvent,
  stripeEvent,
} from './events.ts'
import type { Card } from './payments/card.ts'
import type { RefundPlan } from './refunds/refund-plan.ts'

export type Account = ReturnType<typeof createAccount>

/** What Checkout was asked for and the session itself does not show. */
export type CheckoutTerms = {
  lineItems: Stripe.LineItem[]
  paymentMetadata: Record<string, string>
  paymentDescription: string | null
  subscriptionDescription: string | null
  subscriptionMetadata: Record<string, string>
  /** Unix seconds; null without a trial. */
  trialEnd: number | null
  /** What a coupon takes off the first payment, in minor units. */
  discount: number
  /** Of the first full invoice, and whether what comes before is free. */
  anchor?: { at: number; isFree: boolean } | undefined
  missingPaymentMethod?: 'cancel' | 'create_invoice' | 'pause' | undefined
  /** What a declined card has left of a subscription's first payment; the next card takes the same. */
  declinedIntent?: string
}

/** `owner` is a subscription, or a customer whose next invoice takes it whatever it is for. */
type PendingLine = { owner: string; at: number; line: Stripe.InvoiceLineItem }

/** The API request an event came from; none when a buyer or time itself caused it. */
export type Cause = EventRequest
export const nobody: Cause = { id: null, idempotency_key: null }

/** The seller's account at Stripe: its objects, and the events they leave behind. */
export function createAccount({
  now,
  apiVersion,
  isGenerated = () => true,
  isTaken = () => true,
}: {
  now: () => number
  apiVersion: string
  /** Stripe sometimes fails to make an event at all; asked before each. */
  isGenerated?: (type: string) => boolean
  /** Whether every endpoint has taken an event. */
  isTaken?: (event: string) => boolean
}) {
  const seconds = () => Math.floor(now() / 1000)
  const events = createCollection<SnapshotEvent>()
  const objects = {
    sessions: createCollection<Stripe.Checkout.Session>(),
    paymentIntents: createCollection<Stripe.PaymentIntent>(),
    paymentMethods: createCollection<Stripe.PaymentMethod>(),
    charges: createCollection<Stripe.Charge>(),
    refunds: createCollection<Stripe.Refund>(),
    disputes: createCollection<Stripe.Dispute>(),
    fraudWarnings: createCollection<Stripe.Radar.EarlyFraudWarning>(),
    reviews: createCollection<Stripe.Review>(),
    customers: createCollection<Stripe.Customer>(),
    products: createCollection<Stripe.Product>(),
    prices: createCollection<Stripe.Price>(),
    subscriptions: createCollection<Stripe.Subscription>(),
    invoices: createCollection<Stripe.Invoice>(),
    invoicePayments: createCollection<Stripe.InvoicePayment>(),
    invoiceItems: createCollection<Stripe.InvoiceItem>(),
    testClocks: createCollection<Stripe.TestHelpers.TestClock>(),
  }
  const listeners = new Set<(event: SnapshotEvent) => void>()
  const billing: BillingSettings = { ...defaultBilling }

  function emit<T extends EventType>(
    type: T,
    object: ObjectOf<T>,
    { cause = nobody, previous }: { cause?: Cause; previous?: Partial<ObjectOf<T>> } = {},
  ) {
    if (!isGenerated(type)) return undefined
    const event = stripeEvent(type, object, {
      apiVersion,
      created: seconds(),
      request: cause,
      ...(previous && { previousAttributes: previous }),
    })
    events.save(event)
    for (const listener of listeners) listener(event)
    return event.id
  }

  return {
    ...objects,
    events,
    seconds,
    billing,
    agenda: createAgenda(),
    terms: new Map<string, CheckoutTerms>(),
    /** How a customer's card answers from now on; a customer who is not here has one that works. */
    cards: new Map<string, Card>(),
    /** The same of each payment method that was attached by name. */
    methodAnswers: new Map<string, Card>(),
    /** Prorations and invoice items that wait for the next invoice. */
    pendingLines: [] as PendingLine[],
    /** The `invoice.created` of each invoice. */
    announced: new Map<string, string>(),
    isTaken,
    /** Notices that are given once: `upcoming/sub_…/<period end>`. */
    milestones: new Set<string>(),
    nextRefunds: [] as RefundPlan[],
    counts: () =>
      Object.fromEntries(Object.entries({ ...objects, events }).map(([kind, { size }]) => [kind, size()])),
    emit,

    /** Saves an object with some of it changed, and emits one event that shows what was there before. */
    change<O extends { id: string }, T extends EventType>(
      collection: Collection<O>,
      before: O & ObjectOf<T>,
      changes: Partial<O>,
      type: T,
      cause: Cause = nobody,
    ): O & ObjectOf<T> {
      const after = collection.save({ ...before, ...changes })
      emit(type, after, { cause, previous: differences<ObjectOf<T>>(before, after) })
      return after
    },

    /** Returns what stops listening. */
    onEvent(listener: (event: SnapshotEvent) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },

    /** Runs something and returns which events it left behind. */
    watching<R>(act: () => R): { result: R; events: readonly SnapshotEvent[] } {
      const left: SnapshotEvent[] = []
      const listener = (event: SnapshotEvent) => left.push(event)
      listeners.add(listener)
      try {
        return { result: act(), events: left }
      } finally {
        listeners.delete(listener)
      }
    },
  }
}

export function must<T extends { id: string }>(collection: Collection<T>, id: string): T {
  const found = collection.get(id)
  if (!found) throw new Error(`the simulated Stripe lost its own ${id}`)
  return found
}
