import { describe, expect, test } from 'vitest'
import { inMemoryBilling } from '../../test/in-memory-billing.ts'
import { day, isoOf, orderId, start, subscriptionStory } from '../../test/stripe-story.ts'
import { asOfLookup } from './subscription.ts'

function subscribed() {
  const story = subscriptionStory()
  const inMemory = inMemoryBilling()
  inMemory.receiveAll(story.six)
  return { ...story, inMemory, now: () => inMemory.subscription(story.subId) }
}

describe('The newer state counts', () => {
  test('whichever comes first', () => {
    const { inMemory, updated, now } = subscribed()
    inMemory.receive(updated({ cancel_at_period_end: true }, start + 20))
    expect(inMemory.receive(updated({}, start + 10))).toMatchObject({ reason: 'older' })
    expect(now()?.cancel_at).not.toBeNull()
  })

  test('and of one second only Stripe knows it', () => {
    const { inMemory, updated, subId, now } = subscribed()
    inMemory.receive(updated({ cancel_at_period_end: true }, start + 10))
    const twin = updated({}, start + 10)
    expect(inMemory.receive(twin)).toEqual({ outcome: 'look', target: `look:subscription:${subId}` })
    inMemory.receive(twin, {
      lookedAt: asOfLookup(new Date((start + 10) * 1000), new Date((start + 10) * 1000)),
    })
    expect(now()?.cancel_at).toBeNull()
    expect(inMemory.receive(twin, { wasLooked: true })).toMatchObject({ outcome: 'ignored' })
  })

  test('and a lookup of that very second may have been earlier: it is looked up again', () => {
    const { inMemory, updated } = subscribed()
    inMemory.receive(updated({ cancel_at_period_end: true }, start + 10))
    const fetched = updated({}, start + 10)
    expect(inMemory.receive(fetched, { lookedAt: new Date((start + 10) * 1000 + 400) })).toMatchObject({
      outcome: 'look',
    })
  })

  test('but one with the same state publishes nothing', () => {
    const { inMemory, updated } = subscribed()
    expect(inMemory.receive(updated({}, start))).toMatchObject({ reason: 'same_state' })
  })

  test.each([
    ['a year ahead', 365 * day],
    ['29 days old', -29 * day],
  ])('an event %s is applied by its time alone', (_, ahead) => {
    const { inMemory, updated, now } = subscribed()
    const received = inMemory.receive(updated({ status: 'past_due' }, start + ahead))
    expect(received).toMatchObject(ahead > 0 ? { outcome: 'done' } : { outcome: 'ignored', reason: 'older' })
    expect(now()).toMatchObject({ status: ahead > 0 ? 'past_due' : 'active' })
  })
})

describe('The end of a subscription', () => {
  test('is published once, and nothing reopens it', () => {
    const { inMemory, deleted, updated, now } = subscribed()
    inMemory.receive(deleted(start + 10))
    expect(inMemory.receive(updated({}, start + 99))).toMatchObject({ reason: 'already_over' })
    expect(now()).toMatchObject({ status: 'canceled', ended_at: isoOf(start + 10) })
    expect(inMemory.published().filter((type) => type === 'subscription.ended')).toHaveLength(1)
  })

  test('counts also when it arrives after newer events', () => {
    const { inMemory, deleted, updated, now } = subscribed()
    inMemory.receive(updated({ status: 'past_due' }, start + 99))
    inMemory.receive(deleted(start + 10))
    expect(now()).toMatchObject({ status: 'canceled' })
  })
})

describe('Until when it is paid', () => {
  test('follows its invoices, whichever comes first, and no failed one', () => {
    const { inMemory, invoicePaid, renewal, emit, now } = subscribed()
    const [third, second] = [renewal(2), renewal(1)]
    inMemory.receiveAll(invoicePaid(third, 'pi_third'))
    const until = now()?.paid_until
    inMemory.receiveAll(invoicePaid(second, 'pi_second'))
    inMemory.receive(emit('invoice.payment_failed', { ...renewal(3), attempt_count: 1 }))
    expect(now()).toMatchObject({ paid_until: until, uncollectible: false })
    expect(until).toBe(isoOf(third.lines.data[0]?.period.end ?? 0))
  })

  test('it has given up its newest invoice until a newer one is paid', () => {
    const { inMemory, invoicePaid, renewal, emit, now } = subscribed()
    inMemory.receive(emit('invoice.marked_uncollectible', renewal(2)))
    expect(now()).toMatchObject({ uncollectible: true })
    inMemory.receiveAll(invoicePaid(renewal(1), 'pi_second'))
    expect(now()).toMatchObject({ uncollectible: true })
    inMemory.receiveAll(invoicePaid(renewal(3), 'pi_fourth'))
    expect(now()).toMatchObject({ uncollectible: false })
  })

  test('a later invoice that was voided settles one that was given up', () => {
    const { inMemory, renewal, emit, now } = subscribed()
    inMemory.receive(emit('invoice.marked_uncollectible', renewal(1)))
    expect(now()).toMatchObject({ uncollectible: true })
    inMemory.receive(emit('invoice.voided', { ...renewal(2), status: 'void' }))
    expect(now()).toMatchObject({ uncollectible: false })
  })

  test('an invoice that was written off because collection was paused is not given up, even if it is tried again', () => {
    const { inMemory, renewal, emit, now } = subscribed()
    const forgiven = {
      ...{ ...renewal(1), status: 'uncollectible', attempt_count: 1 },
      status_details: { uncollectible: { reason: 'subscription_paused' } },
    }
    inMemory.receive(emit('invoice.marked_uncollectible', forgiven))
    expect(now()).toMatchObject({ uncollectible: false })
    inMemory.receive(emit('invoice.payment_failed', { ...forgiven, attempt_count: 2 }))
    expect(now()).toMatchObject({ uncollectible: false })
    expect(inMemory.payment(forgiven.id)).toMatchObject({ invoice_status: 'void' })
  })

  test('an invoice that was given up and is paid after all is paid for ever', () => {
    const { inMemory, invoicePaid, renewal, emit, now } = subscribed()
    inMemory.receive(emit('invoice.marked_uncollectible', renewal(1)))
    inMemory.receiveAll(invoicePaid(renewal(1), 'pi_second'))
    expect(now()).toMatchObject({ uncollectible: false })
  })
})

test('Of a Payment Link the order is that of its first payment', () => {
  const story = subscriptionStory({ metadata: {}, sessionMetadata: { order_id: orderId } })
  const inMemory = inMemoryBilling()
  inMemory.receiveAll(story.six)
  const renewal = story.renewal(1)
  inMemory.receiveAll(story.invoicePaid(renewal, 'pi_second'))
  expect(inMemory.subscription(story.subId)).toMatchObject({ order_id: orderId })
  expect(inMemory.payment(String(renewal.id))).toMatchObject({ order_id: orderId, kind: 'renewal' })
})

test('Metadata of another shop makes nothing ours', () => {
  const story = subscriptionStory({ metadata: { order_id: 'commande-7', shop: 'theirs' } })
  const inMemory = inMemoryBilling()
  for (const event of story.six) expect(inMemory.receive(event).outcome).toBe('ignored')
  expect(inMemory.published()).toEqual([])
})
