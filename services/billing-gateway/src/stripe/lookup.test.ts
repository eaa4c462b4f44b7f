import { createStripeAccount } from '@spawnpoint/stripe-simulator'
import { expect, test } from 'vitest'
import { lookUp } from './lookup.ts'

const now = Date.parse('2026-04-01T00:00:00Z')

async function subscribed(items = 1) {
  const account = createStripeAccount({ now: () => now })
  const stripe = account.client()
  const customer = await stripe.customers.create({ email: 'sam@example.com' })
  const price = (unit_amount: number) =>
    stripe.prices.create({
      ...{ currency: 'eur', unit_amount, recurring: { interval: 'month' as const } },
      product_data: { name: `For ${unit_amount}` },
    })
  const prices = await Promise.all(Array.from({ length: items }, (_, n) => price(1_000 + n)))
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: prices.map(({ id }) => ({ price: id })),
  })
  return { account, stripe, subscription }
}

test('an invoice of more lines than Stripe puts into it is read to the end, and dated by Stripe', async () => {
  const { stripe, subscription } = await subscribed(12)
  const invoice = String(subscription.latest_invoice)
  const { objects, stripeTime } = await lookUp(stripe, `look:invoice:${invoice}`)
  expect(objects).toMatchObject([{ type: 'invoice.paid', object: { lines: { has_more: false } } }])
  expect(stripeTime.getTime()).toBeGreaterThan(0)
})

test('a subscription of more items than Stripe puts into it is read to the end', async () => {
  const { stripe, subscription } = await subscribed(12)
  const { objects } = await lookUp(stripe, `look:subscription:${subscription.id}`)
  expect(objects).toMatchObject([{ object: { items: { has_more: false } } }])
})

test('an invoice that is paid by more PaymentIntents than Stripe puts into it has all of them', async () => {
  const { account, stripe, subscription } = await subscribed()
  account.collectBy(subscription.id, 14)
  account.advanceClock(32 * 86_400_000)
  const { data } = await stripe.invoices.list({ subscription: subscription.id, status: 'open' })
  const invoice = String(data[0]?.id)
  for (let part = 0; part < 11; part++) account.attachPayment(invoice, part < 10 ? 50 : 500)
  const { objects } = await lookUp(stripe, `look:invoice:${invoice}`)
  const [found] = objects
  expect(found?.object).toMatchObject({ status: 'paid', payments: { has_more: false } })
  expect(Reflect.get(found?.object ?? {}, 'payments').data).toHaveLength(12)
})
