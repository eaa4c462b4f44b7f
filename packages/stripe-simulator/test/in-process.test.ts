import { expect, test } from 'vitest'
import { createStripeAccount } from '../src/index.ts'

const start = Date.parse('2026-01-31T10:00:00Z')

test('a year of a subscription passes without a port, and the real client reads it', async () => {
  const simulator = createStripeAccount({ now: () => start })
  const stripe = simulator.client()
  const customer = await stripe.customers.create({ email: 'sam@example.com' })
  const product = await stripe.products.create({ name: 'Server' })
  const price = await stripe.prices.create({
    product: product.id,
    currency: 'eur',
    unit_amount: 999,
    recurring: { interval: 'month' },
  })
  await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] })
  simulator.advanceClock(365 * 86_400_000)
  const paid = simulator.events().filter(({ type }) => type === 'invoice.paid')
  expect(paid).toHaveLength(12)
  expect((await stripe.invoices.list({ limit: 100, status: 'paid' })).data).toHaveLength(12)
})

test('a lost response in process is a connection error', async () => {
  const simulator = createStripeAccount({ now: () => start })
  const stripe = simulator.client()
  simulator.addApiFault({ when: { times: 2 }, do: { kind: 'lost-response' } })
  await expect(stripe.customers.create({ email: 'sam@example.com' })).rejects.toMatchObject({
    type: 'StripeConnectionError',
  })
  simulator.addApiFault({ when: { times: 2 }, do: { kind: 'hang' } })
  await expect(stripe.customers.list()).rejects.toMatchObject({ type: 'StripeConnectionError' })
})
