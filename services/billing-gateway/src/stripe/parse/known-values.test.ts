import type Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { inMemoryBilling } from '../../../test/in-memory-billing.ts'
import { saleStory, start, subscriptionStory } from '../../../test/stripe-story.ts'
import { disputeMeanings } from '../../rules/dispute.ts'

// Each value of Stripe's that decides, against the SDK's types: one that a later version adds does not compile here.

type Named<T extends string> = T extends string ? (string extends T ? never : T) : never
type Each<T extends string | null> = Record<Named<NonNullable<T>>, true>
const named = (values: object) => Object.keys(values)

const disputes: Each<Stripe.Dispute.Status> = {
  ...{ warning_needs_response: true, warning_under_review: true, warning_closed: true },
  ...{ needs_response: true, under_review: true, appeal_needs_response: true, appeal_under_review: true },
  ...{ prevented: true, won: true, lost: true },
}
const reasonsToBill: Each<Stripe.Invoice.BillingReason> = {
  ...{
    subscription_create: true,
    quote_accept: true,
    subscription_cycle: true,
    subscription_threshold: true,
  },
  ...{ subscription_update: true, manual: true, automatic_pending_invoice_item_invoice: true },
  ...{ subscription: true, upcoming: true },
}
// Of 2018 and before, and of a preview that is never paid: `first`, `renewal` or `change` cannot be told.
const unreadable = ['subscription', 'upcoming']
const reasonsToGiveUp: Each<Stripe.Invoice.StatusDetails.Uncollectible.Reason> = {
  ...{ max_payment_attempts: true, payment_not_received: true, subscription_canceled: true },
  ...{ subscription_paused: true, user_forgiven: true },
}
const subscriptions: Each<Stripe.Subscription.Status> = {
  ...{ active: true, canceled: true, incomplete: true, incomplete_expired: true, past_due: true },
  ...{ paused: true, trialing: true, unpaid: true },
}
const invoices: Each<Stripe.Invoice.Status> = {
  ...{ draft: true, open: true, paid: true, uncollectible: true, void: true },
}
const behaviors: Each<Stripe.Subscription.PauseCollection.Behavior> = {
  ...{ keep_as_draft: true, mark_uncollectible: true, void: true },
}
const sessions: Each<Stripe.Checkout.Session.PaymentStatus> = {
  ...{ paid: true, unpaid: true, no_payment_required: true },
}
/** Of `refund.status` the SDK says `string`: its description names these. */
const refunds = ['pending', 'requires_action', 'succeeded', 'failed', 'canceled']
const brandNew = 'brand_new'

function sold() {
  const story = saleStory()
  const inMemory = inMemoryBilling()
  inMemory.receive(story.paid)
  return { ...story, inMemory, now: () => inMemory.payment(story.session.id) }
}

function subscribed() {
  const story = subscriptionStory()
  const inMemory = inMemoryBilling()
  inMemory.receiveAll(story.six)
  return { ...story, inMemory }
}

test.each(named(disputes))('the dispute status %s has a meaning', (status) => {
  expect(named(disputeMeanings)).toContain(status)
})

describe('an invoice', () => {
  test.each(named(reasonsToBill).filter((reason) => !unreadable.includes(reason)))(
    'for the reason %s is read',
    (billing_reason) => {
      const { inMemory, emit, renewal } = subscribed()
      const invoice = renewal(1, { billing_reason: billing_reason as Stripe.Invoice.BillingReason })
      expect(inMemory.receive(emit('invoice.paid', invoice))).not.toMatchObject({ outcome: 'failed' })
    },
  )

  test.each([...unreadable, brandNew])(
    'for the reason %s fails, and nothing is applied',
    (billing_reason) => {
      const { inMemory, emit, renewal } = subscribed()
      const invoice = renewal(1, { billing_reason: billing_reason as Stripe.Invoice.BillingReason })
      expect(inMemory.receive(emit('invoice.paid', invoice))).toMatchObject({ outcome: 'failed' })
      expect(inMemory.payment(invoice.id ?? '')).toBeNull()
    },
  )

  const givenUp = (reason: string): Partial<Stripe.Invoice> => ({
    ...{ status: 'uncollectible', attempt_count: 4, next_payment_attempt: null },
    status_details: { uncollectible: { reason } } as Stripe.Invoice.StatusDetails,
  })

  test.each(named(reasonsToGiveUp))('written off for the reason %s is read', (reason) => {
    const { inMemory, emit, renewal } = subscribed()
    const invoice = renewal(1, givenUp(reason))
    inMemory.receive(emit('invoice.marked_uncollectible', invoice))
    const isForgiven = reason === 'subscription_paused'
    expect(inMemory.payment(invoice.id ?? '')).toMatchObject({
      ...{ status: 'failed', invoice_status: isForgiven ? 'void' : 'uncollectible' },
    })
  })

  test('written off for an unknown reason fails: it may be forgiven', () => {
    const { inMemory, emit, renewal } = subscribed()
    const event = emit('invoice.marked_uncollectible', renewal(1, givenUp(brandNew)))
    expect(inMemory.receive(event)).toMatchObject({ outcome: 'failed' })
  })

  test.each([...named(invoices), brandNew])('that failed as %s is read only if that is known', (status) => {
    const { inMemory, emit, renewal } = subscribed()
    const invoice = renewal(1, { status: status as Stripe.Invoice.Status, attempt_count: 1 })
    const { outcome } = inMemory.receive(emit('invoice.payment_failed', invoice))
    expect(outcome).toBe(status === brandNew ? 'failed' : 'done')
  })

  test('that is paid counts, whatever else is unknown of it', () => {
    const { inMemory, emit, renewal } = subscribed()
    const invoice = renewal(1, {
      status: brandNew as Stripe.Invoice.Status,
      collection_method: brandNew as Stripe.Invoice.CollectionMethod,
      status_details: { uncollectible: { reason: brandNew } } as Stripe.Invoice.StatusDetails,
    })
    inMemory.receive(emit('invoice.paid', invoice))
    expect(inMemory.payment(invoice.id ?? '')).toMatchObject({ status: 'succeeded' })
  })
})

describe('a subscription', () => {
  test.each([...named(subscriptions), brandNew])('that is %s is read only if that is known', (status) => {
    const { inMemory, updated } = subscribed()
    const event = updated({ status: status as Stripe.Subscription.Status }, start + 60)
    expect(inMemory.receive(event).outcome === 'failed').toBe(status === brandNew)
  })

  test.each([...named(behaviors), brandNew])('whose collection is paused (%s) is paused', (behavior) => {
    const { inMemory, updated, subId } = subscribed()
    const pause = { behavior: behavior as Stripe.Subscription.PauseCollection.Behavior, resumes_at: null }
    inMemory.receive(updated({ pause_collection: pause }, start + 60))
    expect(inMemory.subscription(subId)?.pause_collection).toEqual({
      ...{ behavior: behavior === brandNew ? null : behavior, resumes_at: null },
    })
  })
})

test.each([...named(sessions), brandNew])('a session that is %s is read only if that is known', (paid) => {
  const { emit, session } = saleStory()
  const payment_status = paid as Stripe.Checkout.Session.PaymentStatus
  const { outcome } = inMemoryBilling().receive(
    emit('checkout.session.completed', { ...session, payment_status }),
  )
  expect(outcome).toBe(paid === brandNew ? 'failed' : 'done')
})

test.each([...refunds, brandNew])('a refund that is %s is read only if that is known', (status) => {
  const { inMemory, refund, now } = sold()
  const { outcome } = inMemory.receive(refund({ amount: 1_000, status }))
  expect(outcome === 'failed').toBe(status === brandNew)
  expect(now()?.refunded).toBe(status === 'succeeded' ? 1_000 : 0)
})
