import { eventually } from '@spawnpoint/stack'
import { signedWebhook, stripeEvent } from '@spawnpoint/stripe-simulator'
import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { becomes, day, openSeller, type Seller } from './seller.ts'

// The shape of Stripe's webhooks follows the version that their endpoint was made with.
describe.each(['2026-10-28.endive', '2025-02-24.acacia'])('With an endpoint of %s', (apiVersion) => {
  let seller: Seller
  beforeAll(async () => {
    seller = await openSeller({ apiVersion })
  })
  afterAll(() => seller[Symbol.asyncDispose]())

  test('a renewal is a payment of its own, and the subscription is paid until its end', async () => {
    const { orderId, subId } = await seller.subscribe()
    const before = await seller.subscriptionOf(subId)
    await seller.nextMonth()
    const [first, second] = await eventually(async () => {
      const invoices = await seller.invoicesOf(subId)
      expect(invoices).toHaveLength(2)
      return invoices
    })
    const renewal = await becomes(() => seller.paymentOf(String(second?.id)), { status: 'succeeded' })
    expect(renewal).toMatchObject({ kind: 'renewal', order_id: orderId, subscription_id: subId })
    const after = await becomes(() => seller.subscriptionOf(subId), {
      paid_until: new RegExp(String(renewal.paid_until)),
    })
    expect(String(after.paid_until) > String(before?.paid_until)).toBe(true)
    expect(await seller.paymentOf(subId)).toMatchObject({ kind: 'first', status: 'succeeded' })
    expect(await seller.paymentOf(String(first?.id))).toBeNull()
  })

  test('a failed renewal is published with each attempt, and succeeds once it is paid', async () => {
    const { subId, customer } = await seller.subscribe()
    seller.stripe.setCard(customer, 'declined')
    await seller.nextMonth()
    const [, open] = await seller.invoicesOf(subId)
    const id = String(open?.id)
    expect(await becomes(() => seller.paymentOf(id), { status: 'failed', attempts: 1 })).toMatchObject({
      next_attempt_at: expect.any(String),
      paid_until: null,
    })
    await becomes(() => seller.subscriptionOf(subId), { status: 'past_due' })
    await seller.stripe.moveClock({ advance_seconds: 4 * day })
    await becomes(() => seller.paymentOf(id), { attempts: 2 })
    seller.stripe.setCard(customer, 'works')
    seller.stripe.payInvoice(id)
    await becomes(() => seller.paymentOf(id), { status: 'succeeded' })
    await becomes(() => seller.subscriptionOf(subId), { status: 'active', uncollectible: false })
    const published = await seller.publishedOf(id)
    expect(published.map(({ type, sequence }) => [type, sequence])).toEqual([
      ['payment.failed', 1],
      ['payment.failed', 2],
      ['payment.succeeded', 3],
    ])
  })

  test('what is never collected becomes uncollectible, and so does its subscription', async () => {
    const { subId, customer } = await seller.subscribe()
    seller.stripe.setBilling({ final_outcome: 'unpaid', final_invoice: 'uncollectible' })
    seller.stripe.setCard(customer, 'declined')
    await seller.nextMonth()
    await seller.stripe.moveClock({ advance_seconds: 20 * day })
    seller.stripe.setBilling({ final_outcome: 'canceled', final_invoice: 'open' })
    await becomes(() => seller.subscriptionOf(subId), { status: 'unpaid', uncollectible: true })
    const [, open] = await seller.invoicesOf(subId)
    expect(await seller.paymentOf(String(open?.id))).toMatchObject({
      status: 'failed',
      next_attempt_at: null,
      failure: 'Stripe gave the invoice up as uncollectible.',
    })
  })

  test('a cancellation at the end of the period is published, revoked, and takes effect', async () => {
    const { subId } = await seller.subscribe()
    await seller.client.subscriptions.update(subId, { cancel_at_period_end: true })
    const { current_period_end } = await becomes(() => seller.subscriptionOf(subId), { cancel_at: /^20/ })
    expect(await seller.subscriptionOf(subId)).toMatchObject({ cancel_at: current_period_end })
    await seller.stripe.moveClock({ advance_seconds: 5 })
    await seller.client.subscriptions.update(subId, { cancel_at_period_end: false })
    await becomes(() => seller.subscriptionOf(subId), { cancel_at: null })
    await seller.stripe.moveClock({ advance_seconds: 5 })
    await seller.client.subscriptions.update(subId, { cancel_at_period_end: true })
    await seller.nextMonth()
    await becomes(() => seller.subscriptionOf(subId), { status: 'canceled', ended_at: /^20/ })
    expect((await seller.publishedOf(subId)).at(-1)).toMatchObject({ type: 'subscription.ended' })
  })

  test('a refund of a renewal is one of that renewal', async () => {
    const { subId } = await seller.subscribe()
    await seller.nextMonth()
    const [, second] = await seller.invoicesOf(subId)
    const id = String(second?.id)
    await becomes(() => seller.paymentOf(id), { status: 'succeeded', payment_intent_id: /^pi_/ })
    const { payment_intent_id } = (await seller.paymentOf(id)) ?? {}
    seller.stripe.refund({ payment_intent: String(payment_intent_id), amount: 400 })
    await becomes(() => seller.paymentOf(id), { refunded: 400 })
    expect(await seller.paymentOf(subId)).toMatchObject({ refunded: 0 })
  })

  test('another product of the same account stays none of ours, and so does what comes back of it', async () => {
    const other = seller.stripe.sellElsewhere({ mode: 'subscription' })
    const once = seller.stripe.sellElsewhere()
    await seller.nextMonth()
    const refund = seller.stripe.refund({ payment_intent: String(once.payment_intent) })
    await eventually(async () => {
      const left = await seller.prisma.stripeEvent.count({ where: { processedAt: null } })
      expect(left).toBe(0)
    })
    expect(await seller.prisma.refund.findUnique({ where: { id: refund.id } })).toBeNull()
    expect(await seller.subscriptionOf(String(other.subscription))).toBeNull()
    const failed = await seller.prisma.stripeEvent.count({ where: { outcome: 'failed' } })
    expect(failed).toBe(0)
  })
})

describe('Money that moves', () => {
  let seller: Seller
  beforeAll(async () => {
    seller = await openSeller()
  })
  afterAll(() => seller[Symbol.asyncDispose]())

  test('a card that is declined first and then pays, on one PaymentIntent, is one payment', async () => {
    const { sessionId } = await seller.checkOut('payment')
    seller.stripe.pay(sessionId, 'declined')
    seller.stripe.pay(sessionId, 'paid')
    await becomes(() => seller.paymentOf(sessionId), { status: 'succeeded' })
    expect((await seller.publishedOf(sessionId)).map(({ type }) => type)).toEqual(['payment.succeeded'])
  })

  test('two subscriptions for one order are two first payments of it', async () => {
    const first = await seller.subscribe()
    const metadata = { order_id: first.orderId, plan: 'small', region: 'eu' }
    const session = await seller.client.checkout.sessions.create({
      mode: 'subscription',
      line_items: [
        {
          quantity: 1,
          price_data: {
            currency: 'eur',
            unit_amount: 1_000,
            product_data: { name: 'S' },
            recurring: { interval: 'month' },
          },
        },
      ],
      metadata,
      subscription_data: { metadata },
      success_url: 'https://shop.example.com/thanks',
    })
    const { session: paid } = seller.stripe.pay(session.id)
    const second = await becomes(() => seller.paymentOf(String(paid.subscription)), { status: 'succeeded' })
    expect(second).toMatchObject({ order_id: first.orderId, kind: 'first' })
    expect(await seller.paymentOf(first.subId)).toMatchObject({ order_id: first.orderId, kind: 'first' })
  })

  test.each([
    ['yen', 'jpy', 500],
    ['Kuwaiti dinars', 'kwd', 12_340],
  ])('%s are counted in their own smallest unit', async (_, currency, amount) => {
    const { paymentId, payment_intent } = await seller.sell({ currency, amount })
    seller.stripe.refund({ payment_intent, amount: 10 })
    expect(await becomes(() => seller.paymentOf(paymentId), { refunded: 10 })).toMatchObject({
      paid: { amount, currency },
    })
  })

  test('a refund that waits is on its way, then back; one that fails is neither', async () => {
    const { paymentId, payment_intent } = await seller.sell()
    seller.stripe.planRefund({ outcome: 'pending' })
    const waiting = seller.stripe.refund({ payment_intent, amount: 300 })
    await becomes(() => seller.paymentOf(paymentId), { refund_pending: 300, refunded: 0 })
    seller.stripe.updateRefund(waiting.id, 'succeeded')
    await becomes(() => seller.paymentOf(paymentId), { refund_pending: 0, refunded: 300 })
    seller.stripe.updateRefund(waiting.id, 'failed')
    await becomes(() => seller.paymentOf(paymentId), { refund_pending: 0, refunded: 0 })
    const published = await seller.publishedOf(paymentId)
    expect(published.map(({ type, data }) => [type, data.refunded, data.refund_pending])).toEqual([
      ['payment.succeeded', 0, 0],
      ['payment.refunded', 0, 300],
      ['payment.refunded', 300, 0],
      ['payment.refunded', 0, 0],
    ])
  })

  test.each([
    ['chargeback', 'open', 'won', 'won'],
    ['chargeback', 'open', 'lost', 'lost'],
    ['inquiry', 'inquiry', 'warning_closed', null],
  ] as const)('a dispute: %s is %s, then %s', async (kind, during, end, after) => {
    const { paymentId, payment_intent } = await seller.sell()
    const { id } = seller.stripe.openDispute({ payment_intent, kind })
    await becomes(() => seller.paymentOf(paymentId), { dispute: during })
    seller.stripe.moveDispute(id, end)
    await becomes(() => seller.paymentOf(paymentId), { dispute: after })
    expect((await seller.publishedOf(paymentId)).map(({ type }) => type)).toContain('payment.disputed')
  })

  test('a fraud warning stays, a review is cleared once it is approved', async () => {
    const warned = await seller.sell()
    seller.stripe.warnOfFraud({ payment_intent: warned.payment_intent })
    await becomes(() => seller.paymentOf(warned.paymentId), { fraud_warning: /warns of fraud/ })
    const reviewed = await seller.sell()
    const { id } = seller.stripe.openReview({ payment_intent: reviewed.payment_intent })
    await becomes(() => seller.paymentOf(reviewed.paymentId), { fraud_warning: /under review/ })
    seller.stripe.closeReview(id, 'approved')
    await becomes(() => seller.paymentOf(reviewed.paymentId), { fraud_warning: null })
  })
})

describe('What events leave out is looked up at Stripe', () => {
  let seller: Seller
  beforeAll(async () => {
    // No refunds and no invoice payments: of both there are only hints.
    const events = [
      'checkout.session.completed',
      'invoice.paid',
      'customer.subscription.updated',
      'charge.refunded',
      'charge.dispute.created',
    ]
    seller = await openSeller({ events })
  })
  afterAll(() => seller[Symbol.asyncDispose]())

  test('which refunds a refunded charge had', async () => {
    const { paymentId, payment_intent } = await seller.sell()
    const refund = seller.stripe.refund({ payment_intent, amount: 250 })
    await becomes(() => seller.paymentOf(paymentId), { refunded: 250 })
    expect(await seller.prisma.refund.findUnique({ where: { id: refund.id } })).toMatchObject({
      status: 'succeeded',
    })
  })

  test('which invoice a disputed PaymentIntent paid', async () => {
    const { subId } = await seller.subscribe()
    await seller.nextMonth()
    const [, second] = await seller.invoicesOf(subId)
    const id = String(second?.id)
    await becomes(() => seller.paymentOf(id), { status: 'succeeded', payment_intent_id: null })
    const { data } = await seller.client.invoicePayments.list({ invoice: id })
    seller.stripe.openDispute({ payment_intent: String(data[0]?.payment.payment_intent) })
    await becomes(() => seller.paymentOf(id), { dispute: 'open', payment_intent_id: /^pi_/ })
    expect(await seller.paymentOf(subId)).toMatchObject({ dispute: null })
  })

  test('which of two states of one second is the later one; while Stripe is unavailable they wait, and the health shows it', async () => {
    const { subId } = await seller.subscribe()
    const subscription = await seller.client.subscriptions.retrieve(subId)
    const fault = seller.stripe.addApiFault({
      when: { path: '/v1/subscriptions' },
      do: { kind: 'status', status: 500 },
    })
    const created = Math.floor(seller.stripe.now() / 1000) + 60
    const twins = [false, true].map((cancel_at_period_end) =>
      stripeEvent(
        'customer.subscription.updated',
        { ...subscription, cancel_at_period_end } as Stripe.Subscription,
        { created },
      ),
    )
    for (const twin of twins) await seller.post(signedWebhook(twin, seller.webhookSecret))
    await eventually(async () => {
      const rows = await Promise.all(twins.map(({ id }) => seller.resultOf(id)))
      expect(rows.map((row) => row?.reason)).toContain('look')
      expect(rows.some((row) => row?.error)).toBe(true)
    })
    expect(await (await seller.call('/health')).json()).toMatchObject({ journal: { looks: 1 } })

    seller.stripe.removeFaults(fault)
    await eventually(
      async () => {
        const rows = await Promise.all(twins.map(({ id }) => seller.resultOf(id)))
        expect(rows.map((row) => row?.outcome)).toEqual(expect.arrayContaining(['done', 'ignored']))
      },
      { timeoutMs: 20_000 },
    )
    await becomes(() => seller.subscriptionOf(subId), { cancel_at: null })
  })
})
