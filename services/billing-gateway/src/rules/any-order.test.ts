import type { SnapshotEvent } from '@spawnpoint/stripe-simulator'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { inMemoryBilling } from '../../test/in-memory-billing.ts'
import {
  day,
  oldVersion,
  orderId,
  permutationsOf,
  saleStory,
  start,
  subscriptionStory,
} from '../../test/stripe-story.ts'

vi.setConfig({ testTimeout: 60_000 })

const terms = { plan: 'small', region: 'eu' }

/** What others know in the end, whatever the way there: all but the versions, which count the steps. */
function endOf(events: SnapshotEvent[]) {
  const inMemory = inMemoryBilling()
  inMemory.receiveAll(events, { wasLooked: true })
  const last = new Map(
    inMemory.billing.outgoing.map(({ type, subject, data }) => [`${type} ${subject}`, data]),
  )
  return {
    payments: [...inMemory.billing.payments.values()]
      .map(({ version, ...payment }) => payment)
      .sort((a, b) => (a.payment_id < b.payment_id ? -1 : 1)),
    subscriptions: [...inMemory.billing.subscriptions.values()].map((known) => ({
      ...known?.subscription,
      version: 0,
    })),
    published: new Set(inMemory.published()),
    lastPayment: published(
      inMemory.billing.outgoing.findLast(({ type }) => type === 'payment.succeeded')?.data,
    ),
    lastSubscription: [...last]
      .filter(([key]) => key.startsWith('subscription.changed'))
      .map(([, data]) => data),
  }
}

/** What a consumer decides by. Links and the period are published with the subscription, which is compared too. */
function published(data: unknown) {
  const { order_id, plan, region, server_name, customer_email, customer_name, ...payment } = Object(data)
  const { paid, discount, tax, shipping, nothing_owed, kind, status, subscription_id, trial_end } = payment
  return {
    ...{ order_id, plan, region, server_name, customer_email, customer_name, trial_end },
    ...{ paid, discount, tax, shipping, nothing_owed, kind, status, subscription_id },
  }
}

describe.each([
  ['a checkout of ours', subscriptionStory()],
  ['a checkout of ours, as sent in 2025', subscriptionStory({ apiVersion: oldVersion })],
  [
    'a Payment Link, of which only the session names the order',
    subscriptionStory({ metadata: {}, sessionMetadata: terms }),
  ],
])('The first payment of %s', (_, story) => {
  test('ends the same in all 720 orders of its six events', () => {
    const orders = permutationsOf(story.six)
    expect(orders).toHaveLength(720)
    const ends = orders.map(endOf)
    const [first] = ends
    expect(first?.payments).toMatchObject([
      {
        payment_id: story.subId,
        status: 'succeeded',
        kind: 'first',
        checkout_session_id: story.session.id,
        invoice_id: story.bill.id,
        payment_intent_id: 'pi_first',
        paid_until: story.periodEnd,
        customer_email: 'player@example.com',
      },
    ])
    expect(first?.subscriptions).toMatchObject([{ status: 'active', paid_until: story.periodEnd }])
    for (const end of ends) {
      expect({ ...end, published: null, lastSubscription: null }).toEqual({
        ...first,
        published: null,
        lastSubscription: null,
      })
      expect(end.lastSubscription).toMatchObject([
        { ...first?.subscriptions[0], version: expect.any(Number) },
      ])
    }
  })

  test('is published by its session alone, and by its invoice alone where that names the order', () => {
    const [, invoicePaid, , , completed] = story.six
    const isLink = story.sub.metadata.order_id === undefined
    for (const event of [completed, invoicePaid]) {
      const inMemory = inMemoryBilling()
      if (!event) throw new Error('The story has six events')
      inMemory.receive(event)
      expect(inMemory.published()).toEqual(isLink && event === invoicePaid ? [] : ['payment.succeeded'])
    }
  })
})

test('A year of renewals, one of which failed, two refunds and a dispute end the same in any order and however often they come', () => {
  const story = subscriptionStory()
  const later = story.renewal(2)
  const events = [
    ...story.six,
    ...story.invoicePaid(story.renewal(1), 'pi_second'),
    story.emit(
      'invoice.payment_failed',
      { ...later, status: 'open', attempt_count: 1, next_payment_attempt: start + 63 * day },
      start + 60 * day,
    ),
    story.emit(
      'invoice.payment_failed',
      { ...later, status: 'open', attempt_count: 2, next_payment_attempt: null },
      start + 63 * day,
    ),
    story.updated({ status: 'past_due' }, start + 60 * day),
    story.updated({ status: 'active' }, start + 65 * day),
    ...story.invoicePaid(later, 'pi_third'),
    story.emit(
      'invoice.marked_uncollectible',
      { ...story.renewal(3), status: 'uncollectible' },
      start + 99 * day,
    ),
  ]
  const reference = endOf(events)
  expect(reference.subscriptions).toMatchObject([
    { status: 'active', uncollectible: true, order_id: orderId },
  ])
  expect(reference.payments.map(({ status }) => status).sort()).toEqual([
    'failed',
    'succeeded',
    'succeeded',
    'succeeded',
  ])
  fc.assert(
    fc.property(fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }), (shuffled) => {
      expect({ ...endOf(shuffled), published: null }).toMatchObject({
        payments: reference.payments,
        subscriptions: reference.subscriptions,
      })
    }),
    { numRuns: 150 },
  )
})

describe('A renewal that is not collected ends the same in any order', () => {
  const story = subscriptionStory()
  const due = start + 30 * day
  const open = { status: 'open', amount_paid: 0, attempt_count: 1 } as const
  const failed = 'invoice.payment_failed'

  test('sent, with a declined card on its page, and overdue', () => {
    const sent = story.renewal(1, {
      ...open,
      collection_method: 'send_invoice',
      due_date: due + 7 * day,
      next_payment_attempt: null,
    })
    endsTheSame([
      story.emit('invoice.finalized', { ...sent, attempt_count: 0 }, due),
      story.emit(failed, sent, due + 3 * day),
      story.emit('invoice.overdue', sent, due + 7 * day),
    ])
  })

  test.each([failed, 'invoice.payment_action_required'] as const)('tried again (%s)', (type) => {
    const tried = (attempt_count: number, nextDay: number, onDay: number) => {
      const next_payment_attempt = due + nextDay * day
      const invoice = story.renewal(1, { ...open, attempt_count, next_payment_attempt })
      return story.emit(type, invoice, due + onDay * day)
    }
    endsTheSame([tried(1, 3, 0), tried(1, 5, 1), tried(2, 8, 3)])
  })

  function endsTheSame(events: SnapshotEvent[]): void {
    const [first, ...others] = permutationsOf(events).map((shuffled) => {
      const { payments, subscriptions } = endOf([...story.six, ...shuffled])
      return { payments, subscriptions }
    })
    for (const each of others) expect(each).toEqual(first)
  }
})

test('Refunds and disputes end in the same state in any order, however often they arrive', () => {
  const story = saleStory()
  const events = [
    story.paid,
    story.refund({ status: 'pending', amount: 400 }, start + 60, 'refund.created'),
    story.refund({ status: 'succeeded', amount: 400 }, start + 60),
    story.refund({ status: 'failed', amount: 400 }, start + 60, 'refund.failed'),
    story.refund({ id: 're_2', status: 'succeeded', amount: 250 }, start + 90),
    story.dispute('needs_response', start + 99, 'dp_1', 'charge.dispute.created'),
    story.dispute('under_review', start + 99),
    story.dispute('won', start + 120, 'dp_1', 'charge.dispute.closed'),
    story.dispute('warning_needs_response', start + 70, 'dp_2', 'charge.dispute.created'),
    story.dispute('warning_closed', start + 90, 'dp_2', 'charge.dispute.closed'),
    story.warning(),
    story.review(true),
    story.review(false, 'approved'),
  ]
  fc.assert(
    fc.property(fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }), (shuffled) => {
      expect(endOf(shuffled).payments).toMatchObject([
        {
          status: 'succeeded',
          refunded: 250,
          refund_pending: 0,
          dispute: 'won',
          fraud_warning: "The card's bank warns of fraud: made with stolen card.",
        },
      ])
    }),
    { numRuns: 200 },
  )
})

test('A renewal of a Payment Link belongs to the order that its subscription names later, whichever is heard first', () => {
  const story = subscriptionStory({ metadata: {}, sessionMetadata: terms })
  const paid = story.renewal(1)
  const named = story.updated({ metadata: { order_id: orderId } }, start + 31 * day)
  const ends = permutationsOf([...story.invoicePaid(paid, 'pi_renewal'), named]).map((events) => {
    const { payments, subscriptions } = endOf([...story.six, ...events])
    return { renewal: payments.find(({ kind }) => kind === 'renewal'), subscriptions }
  })
  const [first, ...others] = ends
  expect(first).toMatchObject({ renewal: { order_id: orderId, status: 'succeeded' } })
  for (const each of others) expect(each).toEqual(first)
})
