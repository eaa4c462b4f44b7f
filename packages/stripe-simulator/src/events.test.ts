import Stripe from 'stripe'
import { expect, test } from 'vitest'
import {
  charge,
  checkoutSession,
  invoicePayment,
  paymentIntent,
  signedWebhook,
  stripeEvent,
  subscription,
  subscriptionInvoice,
  thinEvent,
} from './index.ts'

const secret = 'whsec_test'

test('a built event passes the real verification and is a typed Stripe event', () => {
  const event: Stripe.Event = stripeEvent(
    'checkout.session.completed',
    checkoutSession({ client_reference_id: 'order-1' }),
  )
  const { body, headers } = signedWebhook(
    stripeEvent('checkout.session.completed', checkoutSession()),
    secret,
  )
  const verified = Stripe.webhooks.constructEvent(body, headers['stripe-signature'], secret)
  expect(verified).toMatchObject({ object: 'event', type: 'checkout.session.completed', livemode: false })
  expect(event.data.object).toMatchObject({
    client_reference_id: 'order-1',
    status: 'complete',
    payment_status: 'paid',
  })
})

test('a signature has the age it is given', () => {
  const { body, headers } = signedWebhook('{"object":"event"}', secret, {
    timestamp: Math.floor(Date.now() / 1000) - 301,
  })
  expect(() => Stripe.webhooks.constructEvent(body, headers['stripe-signature'], secret)).toThrow('tolerance')
})

test('a session stays coherent whatever is overridden', () => {
  expect(checkoutSession()).toMatchObject({ status: 'complete', payment_status: 'paid', url: null })
  expect(checkoutSession().payment_intent).toMatch(/^pi_/)
  expect(checkoutSession({ amount_total: 2500 })).toMatchObject({ amount_subtotal: 2500 })
  expect(checkoutSession({ status: 'open' })).toMatchObject({
    payment_status: 'unpaid',
    payment_intent: null,
  })
  expect(checkoutSession({ amount_total: 0 })).toMatchObject({
    payment_status: 'no_payment_required',
    payment_intent: null,
  })
  const subscribing = checkoutSession({ mode: 'subscription' })
  expect(subscribing).toMatchObject({ payment_intent: null, payment_status: 'paid' })
  expect(subscribing.subscription).toMatch(/^sub_/)
  expect(subscribing.invoice).toMatch(/^in_/)
})

test('every id is new', () => {
  const ids = Array.from({ length: 1000 }, () => [
    checkoutSession().id,
    paymentIntent().id,
    charge().id,
  ]).flat()
  expect(new Set(ids).size).toBe(3000)
})

test('an event of an older version leaves in that version’s shape', () => {
  const { body } = signedWebhook(
    stripeEvent('checkout.session.completed', checkoutSession(), { apiVersion: '2024-06-20' }),
    secret,
  )
  const { object } = JSON.parse(body).data
  expect(object).toMatchObject({ ui_mode: 'hosted', shipping_details: null })
  expect(object).not.toHaveProperty('collected_information')
})

test('before 2025-03-31 an invoice named its subscription and payment, and a subscription its period', () => {
  const monthly = subscription()
  const invoice = subscriptionInvoice(monthly, { id: 'in_1' })
  const paid = {
    ...invoice,
    payments: { object: 'list' as const, data: [invoicePayment(invoice, 'pi_1')], has_more: false, url: '' },
  }
  const sent = (event: Parameters<typeof signedWebhook>[0]) =>
    JSON.parse(signedWebhook(event, secret).body).data.object

  expect(sent(stripeEvent('invoice.paid', paid, { apiVersion: '2024-06-20' }))).toMatchObject({
    paid: true,
    payment_intent: 'pi_1',
    subscription: monthly.id,
  })
  expect(sent(stripeEvent('invoice.paid', paid))).not.toHaveProperty('subscription')
  expect(
    sent(stripeEvent('customer.subscription.updated', monthly, { apiVersion: '2024-06-20' })),
  ).toMatchObject({
    current_period_end: monthly.items.data[0]?.current_period_end,
  })
})

test('a thin event names its object and its snapshot, and only the notification parser takes it', () => {
  const snapshot = stripeEvent('checkout.session.completed', checkoutSession({ id: 'cs_test_1' }), {
    created: 1_790_000_000,
  })
  const thin = thinEvent(snapshot)
  expect(thin).toMatchObject({
    object: 'v2.core.event',
    type: 'v1.checkout.session.completed',
    created: '2026-09-21T14:13:20.000Z',
    related_object: { id: 'cs_test_1', type: 'checkout.session', url: '/v1/checkout/sessions/cs_test_1' },
    snapshot_event: snapshot.id,
  })
  const { body, headers } = signedWebhook(thin, secret)
  const signature = headers['stripe-signature']
  expect(new Stripe('sk_test_1').parseEventNotification(body, signature, secret).id).toBe(thin.id)
  expect(() => Stripe.webhooks.constructEvent(body, signature, secret)).toThrow()
})
