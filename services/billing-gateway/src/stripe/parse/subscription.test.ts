import { eventBody, price, subscription } from '@spawnpoint/stripe-simulator'
import type Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import {
  isoOf,
  oldVersion,
  orderId,
  planPrice,
  start,
  subscriptionStory,
} from '../../../test/stripe-story.ts'
import { parseStripeEvent } from './parse-event.ts'

const story = subscriptionStory()

function stateOf(changes: Partial<Stripe.Subscription>, apiVersion?: string) {
  const emitter = subscriptionStory(apiVersion === undefined ? {} : { apiVersion })
  const event = emitter.emit('customer.subscription.updated', { ...story.sub, ...changes })
  const read = parseStripeEvent(JSON.parse(eventBody(event)), { livemode: false })
  return 'fact' in read && read.fact.about === 'subscription' ? read.fact.state : null
}

function withPrices(...prices: Stripe.Price[]): Partial<Stripe.Subscription> {
  const [item] = subscription({ created: start }).items.data
  if (!item) throw new Error('A subscription has an item')
  return { items: { ...story.sub.items, data: prices.map((price) => ({ ...item, price, quantity: 1 })) } }
}

test.each([undefined, oldVersion])(
  'In the shape of %s it has its state and the end of its period',
  (version) => {
    expect(stateOf({}, version)).toMatchObject({
      subscription_id: story.subId,
      status: 'active',
      order_id: orderId,
      plan: 'small',
      interval: 'month',
      current_period_end: story.periodEnd,
      cancel_at: null,
      note: null,
    })
  },
)

describe('Its plan', () => {
  test('comes from its price before its metadata', () => {
    expect(stateOf(withPrices(planPrice('large', 2_000)))).toMatchObject({
      plan: 'large',
      price: { amount: 2_000, currency: 'eur' },
    })
  })

  test('of two items is that of the one which names a plan, with a note', () => {
    const two = withPrices(price({ currency: 'eur', unit_amount: 300 }), planPrice('large', 2_000))
    expect(stateOf(two)).toMatchObject({
      plan: 'large',
      price: { amount: 2_300, currency: 'eur' },
      note: 'It has 2 items; the plan is of the first that names one.',
    })
  })
})

test.each([
  ['another currency', planPrice('small', 1_000, { currency: 'usd' })],
  ['another interval', planPrice('small', 1_000, { recurring: every('year') })],
  ['a price of fractions', planPrice('small', 1_000, { unit_amount: null })],
])('With two items and %s it has no one price', (_, second) => {
  const first = planPrice('small', 1_000, { recurring: every('month') })
  expect(stateOf(withPrices(first, second))).toMatchObject({ price: null })
})

test('A Price of several currencies shows the amount of its first one: what is charged in another, its invoices tell', () => {
  const several = { ...withPrices(planPrice('small', 1_099, { currency: 'usd' })), currency: 'eur' }
  expect(stateOf(several)).toMatchObject({
    price: null,
    items: [{ plan: 'small', amount: null, currency: 'eur' }],
  })
})

test('Three months at once have no interval that we could name', () => {
  const quarterly = planPrice('small', 1_000, { recurring: { ...every('month'), interval_count: 3 } })
  expect(stateOf(withPrices(quarterly))).toMatchObject({ interval: null, price: null })
})

test('It ends as scheduled: at a date, or with its period', () => {
  expect(stateOf({ cancel_at: start + 99 })).toMatchObject({ cancel_at: isoOf(start + 99) })
  expect(stateOf({ cancel_at_period_end: true })).toMatchObject({ cancel_at: story.periodEnd })
})

test.each([
  [{ pause_collection: { behavior: 'void', resumes_at: null } }, /collection of its money is paused/],
  [{ status: 'paused' }, /has paused it/],
] as [Partial<Stripe.Subscription>, RegExp][])(
  'A note gives the reason why it is not collected: %j',
  (changes, note) => {
    expect(stateOf(changes)?.note).toMatch(note)
  },
)

test('An unknown status is an error', () => {
  expect(() => stateOf({ status: 'brand_new' as never })).toThrow()
})

function every(interval: 'month' | 'year'): Stripe.Price.Recurring {
  const { recurring } = price({ recurring: undefined as never })
  return {
    interval_count: 1,
    meter: null,
    trial_period_days: null,
    usage_type: 'licensed',
    ...recurring,
    interval,
  }
}
