import type Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { inMemoryBilling } from '../../test/in-memory-billing.ts'
import { day, isoOf, start, subscriptionStory } from '../../test/stripe-story.ts'

// Amounts of an invoice that sum up to less than nothing.

function renewed() {
  const story = subscriptionStory()
  const inMemory = inMemoryBilling()
  inMemory.receiveAll(story.six)
  return { story, inMemory }
}

describe('An invoice of a change that is paid is read', () => {
  test('its discounts sum up to less than nothing (itemized proration discounts, the coupon is over)', () => {
    const { story, inMemory } = renewed()
    const paid = story.renewal(1, { total_discount_amounts: [{ amount: -483, discount: 'di_1' }] })
    const received = inMemory.receive(story.emit('invoice.paid', paid, start + 30 * day))
    expect(received.outcome).toBe('done')
    expect(inMemory.subscription(story.subId)?.paid_until).toBe(isoOf(start + 60 * day))
  })
  test('its taxes sum up to less than nothing (a VAT number was added since)', () => {
    const { story, inMemory } = renewed()
    const paid = story.renewal(1, {
      total_taxes: [
        {
          amount: -190,
          tax_behavior: 'exclusive',
          taxability_reason: 'reverse_charge',
          taxable_amount: 0,
          tax_rate_details: null,
          type: 'tax_rate_details',
        },
      ] as Stripe.Invoice['total_taxes'],
    })
    const received = inMemory.receive(story.emit('invoice.paid', paid, start + 30 * day))
    expect(received.outcome).toBe('done')
    expect(inMemory.subscription(story.subId)?.paid_until).toBe(isoOf(start + 60 * day))
  })
  test('its total is less than nothing', () => {
    const { story, inMemory } = renewed()
    const paid = story.renewal(1, { total: -500, amount_paid: 0 })
    expect(inMemory.receive(story.emit('invoice.paid', paid, start + 30 * day)).outcome).toBe('done')
    expect(inMemory.subscription(story.subId)?.paid_until).toBe(isoOf(start + 60 * day))
  })
})
