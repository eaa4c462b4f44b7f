import { createStripeAccount } from '@spawnpoint/stripe-simulator'
import { expect, test } from 'vitest'
import { endSubscription } from './end-subscription.ts'

const begun = Date.parse('2026-04-01T00:00:00Z')

test('an end is dated by Stripe, also when Stripe repeats its response a day later', async () => {
  const account = createStripeAccount({ now: () => begun })
  const stripe = account.client()
  const customer = await stripe.customers.create({ email: 'sam@example.com' })
  const price = await stripe.prices.create({
    ...{ currency: 'eur', unit_amount: 1_000, recurring: { interval: 'month' } },
    product_data: { name: 'Small' },
  })
  const { id } = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] })
  const end = { id, idempotencyKey: 'refund:1:0:cancel', livemode: false }
  const [first] = await endSubscription(stripe, end)
  account.advanceClock(86_400_000)
  const [again] = await endSubscription(stripe, end)
  expect([first?.created, again?.created]).toEqual([new Date(begun), new Date(begun)])
  expect(again?.body).toBe(first?.body)
})
