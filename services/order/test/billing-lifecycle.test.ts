import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShop, type Shop } from './open-shop.ts'
import { inDays, subscribe } from './subscriber.ts'

let shop: Shop

beforeAll(async () => {
  // What is wrong with money is asked about at once by this clock.
  shop = await openShop({ TIME_SCALE: '0.1' })
  const monthly = { name: 'Monthly', amount: 999, currency: 'eur', interval: 'month' }
  await shop.send('PUT', '/admin/plans/monthly', monthly)
  await shop.send('PUT', '/admin/plans/easy', {
    ...monthly,
    policy: { full_refund: 'keep', dispute: 'keep' },
  })
})

afterAll(() => shop?.[Symbol.asyncDispose]())

test('a renewal extends what is paid, whichever of its two words comes first', async () => {
  const until = inDays(60)
  const a = await subscribe(shop, 'sub_renews')
  await a.pays('in_a2', { paid_until: until })
  await a.becomes({ billing_status: 'paid', desired: 'running', money: { paid_until: until } })
  await a.publishes({ paid_until: until, current_period_end: until })
  const b = await subscribe(shop, 'sub_renews_too')
  await b.publishes({ paid_until: until, current_period_end: until })
  await b.pays('in_b2', { paid_until: until })
  await b.becomes({
    billing_status: 'paid',
    money: { paid_until: until, payments: [{}, { payment_id: 'in_b2' }] },
  })
  expect(new Set(await b.said())).toEqual(new Set(['order.paid', 'order.changed']))
  expect(await shop.prisma.deadLetter.count()).toBe(0)
})

test('a card that fails makes the order past due and its customer warned; nothing is suspended yet', async () => {
  const a = await subscribe(shop, 'sub_fails', { paidUntil: inDays(-2.5) })
  await a.pays('in_fails', { status: 'failed', failure: 'Card declined', paid_until: inDays(27) })
  await a.publishes({ status: 'past_due', current_period_end: inDays(27) })
  await a.becomes({
    billing_status: 'past_due',
    desired: 'running',
    status: 'provisioned',
    money: { warning: { step: 'suspend', reason: expect.stringContaining('is not paid') } },
  })
  expect((await a.said()).filter((type) => type === 'order.warned')).toHaveLength(1)
})

test('another price at Stripe, for the same plan, is there to be seen', async () => {
  const a = await subscribe(shop, 'sub_cheaper')
  await a.publishes({ price: { amount: 1, currency: 'eur' } })
  await a.becomes({
    plan: 'monthly',
    history: expect.arrayContaining([
      expect.objectContaining({
        note: 'It costs 0.01 EUR from now on instead of 9.99 EUR, and its plan stays',
      }),
    ]),
  })
})

test('once Stripe gives up its server is suspended, and a payment resumes it', async () => {
  const a = await subscribe(shop, 'sub_unpaid', { paidUntil: inDays(-1) })
  await a.publishes({ status: 'unpaid' })
  await a.becomes({
    billing_status: 'past_due',
    desired: 'suspended',
    money: { suspended_at: expect.any(String) },
  })
  await a.serverIs('suspended', 2)
  await a.becomes({ status: 'suspended' })
  await a.pays('in_late', { paid_until: inDays(29) })
  await a.publishes({ status: 'active', paid_until: inDays(29) })
  await a.becomes({
    billing_status: 'paid',
    desired: 'running',
    money: { suspended_at: null, warning: null },
  })
  expect(await a.said()).toEqual(expect.arrayContaining(['order.suspended', 'order.resumed']))
})

test('what the seller suspended is not resumed by a payment, and what non-payment suspended is not by the seller', async () => {
  const a = await subscribe(shop, 'sub_both', { paidUntil: inDays(-1) })
  await shop.send('POST', `/admin/orders/${a.id}/suspend`, { reason: 'Spam' })
  await a.publishes({ status: 'paused' })
  await a.becomes({ desired: 'suspended', money: { suspended_at: expect.any(String) } })
  await shop.send('POST', `/admin/orders/${a.id}/resume`, { reason: 'Settled' })
  await a.becomes({ desired: 'suspended' })
  await shop.send('POST', `/admin/orders/${a.id}/suspend`, { reason: 'Spam again' })
  await a.publishes({ status: 'active' })
  await a.becomes({ desired: 'suspended', billing_status: 'paid', money: { suspended_at: null } })
  await shop.send('POST', `/admin/orders/${a.id}/resume`, { reason: 'Settled' })
  await a.becomes({ desired: 'running' })
})

test('a subscription that has ended suspends its server, and announces when it is deleted', async () => {
  const a = await subscribe(shop, 'sub_over')
  await a.publishes({ status: 'canceled', ended_at: inDays(0) })
  await a.becomes({
    billing_status: 'ended',
    desired: 'suspended',
    money: { subscription_status: 'canceled' },
  })
})

test('a partial refund changes nothing for the server; a full one suspends it; a failed refund reverts', async () => {
  const a = await subscribe(shop, 'sub_refund')
  await shop.publishPaymentEvent('payment.refunded', { ...a.first, version: 2, refunded: 500 })
  await a.becomes({ billing_status: 'paid', desired: 'running', money: { payments: [{ refunded: 500 }] } })
  await shop.publishPaymentEvent('payment.refunded', {
    ...a.first,
    version: 3,
    refunded: 500,
    refund_pending: 499,
  })
  await a.becomes({
    billing_status: 'paid',
    desired: 'running',
    money: { payments: [{ refund_pending: 499 }] },
  })
  await shop.publishPaymentEvent('payment.refunded', { ...a.first, version: 4, refunded: 999 })
  await a.becomes({ billing_status: 'refunded', desired: 'suspended' })
  await shop.publishPaymentEvent('payment.refunded', { ...a.first, version: 5, refunded: 500 })
  await a.becomes({ billing_status: 'paid', desired: 'running' })
})

test('a subscription that was to end for a refund goes on once the refund has failed', async () => {
  const a = await subscribe(shop, 'sub_refund_failed')
  await shop.publishPaymentEvent('payment.refunded', { ...a.first, version: 2, refunded: 999 })
  await a.becomes({ desired: 'suspended', money: { cancel_at: expect.any(String) } })
  await shop.publishPaymentEvent('payment.refunded', { ...a.first, version: 3, refunded: 0 })
  await a.becomes({ desired: 'running', money: { cancel_at: null } })
})

test('a dispute suspends until it is won', async () => {
  const a = await subscribe(shop, 'sub_won')
  await shop.publishPaymentEvent('payment.disputed', { ...a.first, version: 2, dispute: 'inquiry' })
  await a.becomes({ billing_status: 'paid', desired: 'running', money: { dispute: 'inquiry' } })
  await shop.publishPaymentEvent('payment.disputed', { ...a.first, version: 3, dispute: 'open' })
  await a.becomes({ billing_status: 'disputed', desired: 'suspended' })
  await shop.publishPaymentEvent('payment.disputed', { ...a.first, version: 4, dispute: 'won' })
  await a.becomes({ billing_status: 'paid', desired: 'running' })
})

test('a plan that allows it keeps its server through refunds and disputes', async () => {
  const a = await subscribe(shop, 'sub_easy', { plan: 'easy' })
  await shop.publishPaymentEvent('payment.disputed', { ...a.first, version: 2, dispute: 'open' })
  await a.becomes({ billing_status: 'disputed', desired: 'running' })
  await shop.publishPaymentEvent('payment.refunded', { ...a.first, version: 3, refunded: 999 })
  await a.becomes({ billing_status: 'refunded', desired: 'running' })
})

test('what looks like fraud is held while there is no server, until a person decides; a server that is there stays', async () => {
  const a = await subscribe(shop, 'sub_fraud', { withServer: false })
  const fraud_warning = 'The bank of the buyer says that the card was stolen.'
  await shop.publishPaymentEvent('payment.flagged', { ...a.first, version: 2, fraud_warning })
  await a.becomes({ status: 'error', desired: 'none', error_message: `Held: ${fraud_warning}` })
  await shop.send('POST', `/admin/orders/${a.id}/decide`, {})
  await a.becomes({ status: 'paid', desired: 'running' })
  const b = await subscribe(shop, 'sub_fraud_late')
  await shop.publishPaymentEvent('payment.flagged', { ...b.first, version: 2, fraud_warning })
  await b.becomes({ status: 'provisioned', desired: 'running', money: { fraud_warning } })
})

test('two subscriptions for one order: the second is an alarm, and does nothing to the first', async () => {
  const a = await subscribe(shop, 'sub_one')
  const other = { ...a.first, payment_id: 'sub_two', subscription_id: 'sub_two', order_id: a.id }
  await shop.publishPayment(other)
  await shop.publishSubscription({
    ...a.state(),
    subscription_id: 'sub_two',
    order_id: a.id,
    status: 'canceled',
  })
  await a.publishes({ note: 'Last heard' })
  await a.becomes({ billing_status: 'paid', desired: 'running', money: { subscription_id: 'sub_one' } })
  await shop.publishPayment({ ...other, payment_id: 'in_two', kind: 'renewal' })
  await a.becomes({
    history: expect.arrayContaining([
      expect.objectContaining({
        note: expect.stringContaining(
          'by in_two: it is of subscription sub_two, and the order goes by sub_one',
        ),
      }),
    ]),
  })
  const letters = await shop.prisma.deadLetter.findMany({ where: { class: 'paid_twice' } })
  expect(letters).toHaveLength(2)
})
