import { expect, test } from 'vitest'
import { eventually, startSeller } from './seller.ts'

test('a subscription starts with a paid invoice that leads to its payment', async () => {
  await using seller = await startSeller()
  const product = await seller.stripe.products.create({ name: 'Rust 8 GB' })
  const price = await seller.stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 1200,
    recurring: { interval: 'month' },
  })
  const { id } = await seller.stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: price.id, quantity: 1 }],
    subscription_data: { metadata: { order_id: 'order-2' } },
    success_url: 'https://shop.example.com/thanks',
  })

  const { session } = seller.simulator.pay(id)

  expect(session).toMatchObject({ mode: 'subscription', payment_status: 'paid', payment_intent: null })
  const subscription = await seller.stripe.subscriptions.retrieve(String(session.subscription))
  expect(subscription).toMatchObject({
    status: 'active',
    customer: session.customer,
    latest_invoice: session.invoice,
    metadata: { order_id: 'order-2' },
  })
  const invoice = await seller.stripe.invoices.retrieve(String(session.invoice))
  expect(invoice).toMatchObject({ status: 'paid', amount_paid: 1200, billing_reason: 'subscription_create' })
  expect(invoice.parent?.subscription_details).toEqual({
    metadata: { order_id: 'order-2' },
    subscription: subscription.id,
  })
  expect(invoice.lines.data[0]?.period.end).toBe(subscription.items.data[0]?.current_period_end)

  const [payment] = (await seller.stripe.invoicePayments.list({ invoice: invoice.id })).data
  const intent = await seller.stripe.paymentIntents.retrieve(String(payment?.payment.payment_intent))
  expect(intent).toMatchObject({
    amount: 1200,
    status: 'succeeded',
    customer: session.customer,
    metadata: {},
  })
  await eventually(() =>
    expect(seller.receiver.types()).toEqual(
      expect.arrayContaining(['customer.subscription.created', 'invoice.paid', 'checkout.session.completed']),
    ),
  )
})

test('a subscription paid by bank debit is active at once and past due when the bank refuses', async () => {
  await using seller = await startSeller()
  const { id } = await seller.stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [
      {
        price_data: {
          currency: 'usd',
          unit_amount: 900,
          recurring: { interval: 'month' },
          product_data: { name: 'Valheim' },
        },
      },
    ],
    success_url: 'https://shop.example.com/thanks',
  })
  const { session } = seller.simulator.pay(id, 'async')
  const status = async () => (await seller.stripe.subscriptions.retrieve(String(session.subscription))).status
  expect(session.payment_status).toBe('unpaid')
  expect(await status()).toBe('active')

  seller.simulator.settle(id, 'failed')
  expect(await status()).toBe('past_due')
  await eventually(() => expect(seller.receiver.types()).toContain('invoice.payment_failed'))
})
