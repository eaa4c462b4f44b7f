import { createStripeAccount } from '@spawnpoint/stripe-simulator'
import type Stripe from 'stripe'
import { expect, test } from 'vitest'
import { markName } from './cancellation-mark.ts'
import { parseSubscription } from './parse/subscription.ts'
import { requiredChange } from './subscription-change.ts'

const minute = 60_000
type Change = Parameters<typeof requiredChange>[1]
const forRefund: Change = { do: 'cancel', when: 'period_end', because: 'refund' }
const byCustomer: Change = { do: 'cancel', when: 'period_end' }

async function subscribed() {
  const account = createStripeAccount({ now: () => Date.parse('2026-04-01T00:00:59Z') })
  const stripe = account.client()
  const customer = await stripe.customers.create({ email: 'sam@example.com' })
  const price = await stripe.prices.create({
    ...{ currency: 'eur', unit_amount: 999, recurring: { interval: 'month' } },
    product_data: { name: 'Server' },
  })
  const { id } = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] })
  const read = () => stripe.subscriptions.retrieve(id)

  return {
    read,
    /** As on Stripe's own page. */
    update: (params: Stripe.SubscriptionUpdateParams) => stripe.subscriptions.update(id, params),
    async change(change: Change): Promise<string> {
      const required = requiredChange(await read(), change, new Date(account.now()))
      if (required.do === 'update') await stripe.subscriptions.update(id, required.params)
      return required.do
    },
    later: async () => await account.advanceClock(10 * minute),
    async endsFor(): Promise<unknown> {
      const type = 'customer.subscription.updated'
      const update = parseSubscription(await read(), { at: new Date(account.now()), isFetched: true, type })
      return update.about === 'subscription' ? (update.state.ends_for ?? null) : undefined
    },
  }
}

test('an end that we set for a refund is known as ours, in the same update and from then on', async () => {
  const { change, endsFor, later } = await subscribed()
  expect(await change(forRefund)).toBe('update')
  await later()
  expect(await endsFor()).toBe('refund')
  expect(await change(forRefund)).toBe('nothing')
})

test('a cancellation of the customer’s is not, whether by our API or on Stripe’s page', async () => {
  const { change, endsFor, update } = await subscribed()
  await change(byCustomer)
  expect(await endsFor()).toBeNull()
  expect(await change(forRefund)).toBe('nothing')
  expect(await endsFor()).toBeNull()
  await update({ cancel_at_period_end: false })
  await update({ cancel_at_period_end: true })
  expect(await endsFor()).toBeNull()
})

test('the customer cancels by our API once we have: it is the customer’s', async () => {
  const { change, endsFor } = await subscribed()
  await change(forRefund)
  expect(await change(byCustomer)).toBe('update')
  expect(await endsFor()).toBeNull()
  expect(await change(byCustomer)).toBe('nothing')
})

test('the customer goes on and cancels again on Stripe’s page, to the same day: it is the customer’s', async () => {
  const { change, endsFor, update, later } = await subscribed()
  await change(forRefund)
  await later()
  await update({ cancel_at_period_end: false })
  expect(await endsFor()).toBeNull()
  await update({ cancel_at_period_end: true })
  expect(await endsFor()).toBeNull()
})

test('an end that is taken back leaves no mark', async () => {
  const { change, read, endsFor } = await subscribed()
  await change(forRefund)
  await change({ do: 'keep' })
  expect((await read()).metadata[markName]).toBeUndefined()
  expect(await endsFor()).toBeNull()
})
