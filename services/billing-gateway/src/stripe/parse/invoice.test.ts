import { eventBody, invoice, type SnapshotEvent } from '@spawnpoint/stripe-simulator'
import { describe, expect, test } from 'vitest'
import { isoOf, oldVersion, orderId, start, subscriptionStory } from '../../../test/stripe-story.ts'
import { parseStripeEvent } from './parse-event.ts'

const read = (event: SnapshotEvent) => parseStripeEvent(JSON.parse(eventBody(event)), { livemode: false })

describe.each([undefined, oldVersion])('An invoice in the shape of %s', (apiVersion) => {
  const options = apiVersion === undefined ? {} : { apiVersion }
  const story = subscriptionStory(options)

  test('of a first period is a payment under its subscription', () => {
    expect(read(story.emit('invoice.paid', story.bill))).toMatchObject({
      fact: {
        isOurs: true,
        payment: {
          payment_id: story.subId,
          kind: 'first',
          status: 'succeeded',
          order_id: orderId,
          paid: { amount: story.bill.total, currency: 'eur' },
          subscription_id: story.subId,
          invoice_id: story.bill.id,
          paid_until: story.periodEnd,
          customer_email: 'buyer@example.com',
        },
      },
    })
  })

  test('of a later one is a payment of its own', () => {
    const renewal = story.renewal(1)
    expect(read(story.emit('invoice.paid', renewal))).toMatchObject({
      fact: { payment: { payment_id: renewal.id, kind: 'renewal', subscription_id: story.subId } },
    })
  })

  test('of several payments names the one that paid it', () => {
    const payments = ['canceled', 'paid'].map((status) => ({
      status,
      payment: { type: 'payment_intent', payment_intent: `pi_${status}`, charge: null },
    }))
    const paid = { ...story.renewal(1), payment_intent: null, payments: { object: 'list', data: payments } }
    const event = JSON.parse(eventBody(story.emit('invoice.paid', story.renewal(1))))
    event.data.object = { ...event.data.object, ...paid }
    expect(parseStripeEvent(event, { livemode: false })).toMatchObject({
      fact: { payment: { payment_intent_id: 'pi_paid' } },
    })
  })

  test('that failed pays for nothing yet, and names its next attempt', () => {
    const open = { ...story.renewal(1), attempt_count: 2, next_payment_attempt: start + 5 }
    expect(read(story.emit('invoice.payment_failed', open))).toMatchObject({
      fact: {
        payment: {
          status: 'failed',
          attempts: 2,
          next_attempt_at: new Date((start + 5) * 1000).toISOString(),
          paid_until: null,
        },
      },
    })
  })
})

const story = subscriptionStory()

test.each([
  ['subscription_create', 'first'],
  ['subscription_cycle', 'renewal'],
  ['subscription_threshold', 'renewal'],
  ['subscription_update', 'change'],
  ['manual', 'change'],
] as const)('%s is a %s', (billing_reason, kind) => {
  const bill = { ...story.bill, billing_reason }
  expect(read(story.emit('invoice.paid', bill))).toMatchObject({ fact: { payment: { kind } } })
})

test('An unknown reason is an error, since it might be a first period', () => {
  const bill = { ...story.bill, billing_reason: 'brand_new' } as never
  expect(() => read(story.emit('invoice.paid', bill))).toThrow('brand_new')
})

test('An invoice that credits more than it charges has charged nothing', () => {
  const renewal = story.renewal(1, { total: -845, amount_paid: 0 })
  expect(read(story.emit('invoice.paid', renewal))).toMatchObject({
    fact: { payment: { paid: { amount: 0 }, nothing_owed: true, collected: 0, kind: 'renewal' } },
  })
})

test.each([
  ['without', 1_000],
  ['with', 2_000],
])(
  'What was charged for an invoice that was paid twice is both, where amount_paid is %s the excess',
  (_, amount_paid) => {
    const twice = story.renewal(1, { total: 1_000, amount_due: 1_000, amount_paid, amount_overpaid: 1_000 })
    expect(read(story.emit('invoice.paid', twice))).toMatchObject({
      fact: { payment: { paid: { amount: 1_000 }, collected: 2_000 } },
    })
  },
)

test('A first period that fails is the matter of its session', () => {
  expect(read(story.emit('invoice.payment_failed', story.bill))).toEqual({ ignored: 'first_period' })
})

test('An invoice of no subscription is none of ours, also with our metadata', () => {
  const bill = invoice({ metadata: { order_id: orderId } })
  expect(read(story.emit('invoice.paid', bill))).toEqual({ ignored: 'not_of_a_subscription' })
})

test('It is paid until the end of the latest period of the subscription, whatever else stands on it', () => {
  const [line] = story.bill.lines.data
  if (!line) throw new Error('A bill has a line')
  const other = { ...line, subscription: null, parent: null, period: { start, end: start + 999_999_999 } }
  const bill = { ...story.bill, lines: { ...story.bill.lines, data: [other, line] } }
  expect(read(story.emit('invoice.paid', bill))).toMatchObject({
    fact: { payment: { paid_until: story.periodEnd } },
  })
})

test('The last period, which the end of the subscription cuts short, is prorated as a whole and paid all the same', () => {
  const renewal = story.renewal(1)
  const lines = renewal.lines.data.map((line) => ({
    ...line,
    parent: line.parent && {
      ...line.parent,
      subscription_item_details: line.parent.subscription_item_details && {
        ...line.parent.subscription_item_details,
        proration: true,
      },
    },
  }))
  const short = (billing_reason: 'subscription_cycle' | 'subscription_update') =>
    read(story.emit('invoice.paid', { ...renewal, billing_reason, lines: { ...renewal.lines, data: lines } }))
  const end = isoOf(renewal.lines.data[0]?.period.end ?? 0)
  expect(short('subscription_cycle')).toMatchObject({ fact: { payment: { paid_until: end } } })
  expect(short('subscription_update')).toMatchObject({ fact: { payment: { paid_until: null } } })
})

test('A trial owes nothing; a smaller plan gives a credit, and charges nothing', () => {
  const trial = { ...story.bill, total: 0 }
  expect(read(story.emit('invoice.paid', trial))).toMatchObject({
    fact: { payment: { nothing_owed: true, paid: { amount: 0 } } },
  })
  const credit = { ...story.bill, billing_reason: 'subscription_update' as const, total: -500 }
  expect(read(story.emit('invoice.paid', credit))).toMatchObject({
    fact: { payment: { kind: 'change', nothing_owed: true, paid: { amount: 0 } } },
  })
})

test.each([2 ** 53, 10.5])('A first period for %s is an error', (total) => {
  expect(() => read(story.emit('invoice.paid', { ...story.bill, total }))).toThrow()
})
