import { derivedId } from '@spawnpoint/messaging'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTill, type Till } from './open-till.ts'

let till: Till
beforeAll(async () => {
  till = await openTill()
  till.own(await till.start({ REFUNDS_PER_DAY: '100' }))
})
afterAll(() => till[Symbol.asyncDispose]())

const orderId = (name: string) => derivedId(name, 'order')

test('a refund is made once, with the id of its request, however often it is requested', async () => {
  const { paymentId, payment_intent } = await till.sell(orderId('once'))
  const id = await till.requestRefund({ paymentId, orderId: orderId('once') })
  const request = await till.becomes(id, 'done')
  const [refund, ...more] = await till.refundsOf(payment_intent)
  expect(more).toEqual([])
  expect(refund).toMatchObject({
    id: request.refundId,
    amount: 1_000,
    metadata: { refund_request_id: id, order_id: orderId('once') },
  })

  await till.call(`/admin/refunds/${id}/approve`, 'POST')
  expect(await till.refundsOf(payment_intent)).toHaveLength(1)
})

test('what Stripe answered is in the journal, as its event would be', async () => {
  const { paymentId } = await till.sell(orderId('journal'))
  const id = await till.requestRefund({ paymentId, orderId: orderId('journal') })
  const { refundId } = await till.becomes(id, 'done')
  const [seen] = await till.prisma.stripeEvent.findMany({
    where: { source: 'seen', type: 'refund.created', body: { not: Buffer.from('') } },
    orderBy: { seq: 'desc' },
    take: 1,
  })
  expect(JSON.parse(Buffer.from(seen?.body ?? '').toString())).toMatchObject({
    object: 'event',
    data: { object: { id: refundId, object: 'refund' } },
  })
})

test('a refund that was made by hand meanwhile is not repeated', async () => {
  const { paymentId, payment_intent } = await till.sell(orderId('by-hand'))
  const byHand = await till.client.refunds.create({ payment_intent })
  const id = await till.requestRefund({ paymentId, orderId: orderId('by-hand') })
  expect(await till.becomes(id, 'done')).toMatchObject({
    refundId: byHand.id,
    note: expect.stringContaining('already'),
  })
  expect(await till.refundsOf(payment_intent)).toHaveLength(1)
})

test('of a partly refunded payment only the rest is refunded', async () => {
  const { paymentId, payment_intent } = await till.sell(orderId('part'))
  await till.client.refunds.create({ payment_intent, amount: 300 })
  const id = await till.requestRefund({ paymentId, orderId: orderId('part') })
  await till.becomes(id, 'done')
  expect((await till.refundsOf(payment_intent)).map(({ amount }) => amount)).toEqual([700, 300])
})

test('a refund by hand that failed at the bank does not count', async () => {
  const { paymentId, payment_intent } = await till.sell(orderId('failed-by-hand'))
  const byHand = await till.client.refunds.create({ payment_intent })
  till.stripe.updateRefund(byHand.id, 'failed')
  const id = await till.requestRefund({ paymentId, orderId: orderId('failed-by-hand') })
  await till.becomes(id, 'done')
  expect((await till.refundsOf(payment_intent)).map(({ status }) => status)).toEqual(['succeeded', 'failed'])
})

test.each([
  ['Stripe is too busy (429)', { kind: 'status', status: 429 }],
  ['Stripe is away (503)', { kind: 'status', status: 503 }],
  ['the answer is lost on the way', { kind: 'lost-response' }],
  ['the answer never comes, and the refund was made', { kind: 'hang', work: true }],
  ['the call never comes through', { kind: 'refused' }],
] as const)('the buyer gets the money once although %s', async (name, deed) => {
  const { paymentId, payment_intent } = await till.sell(orderId(name))
  till.stripe.addApiFault({ when: { method: 'POST', path: '/refunds', times: 4 }, do: deed })
  const id = await till.requestRefund({ paymentId, orderId: orderId(name) })
  await till.becomes(id, 'done')
  till.stripe.removeFaults()
  expect(await till.refundsOf(payment_intent)).toMatchObject([{ amount: 1_000 }])
})

test('a 500 that Stripe repeats for its key is overcome with another key', async () => {
  const { paymentId, payment_intent } = await till.sell(orderId('500'))
  till.stripe.addApiFault({
    when: { method: 'POST', path: '/refunds', times: 1 },
    do: { kind: 'status', status: 500 },
  })
  const id = await till.requestRefund({ paymentId, orderId: orderId('500') })
  expect(await till.becomes(id, 'done')).toMatchObject({ keyRound: 1, attempts: 2 })
  expect(await till.refundsOf(payment_intent)).toHaveLength(1)
})

test('a 500 behind which the refund was made all the same makes no second one', async () => {
  const { paymentId, payment_intent } = await till.sell(orderId('500-but-done'))
  const name = orderId('500-but-done')
  till.stripe.addApiFault({
    when: { method: 'POST', path: '/refunds', times: 1 },
    do: { kind: 'status', status: 500 },
  })
  const id = await till.requestRefund({ paymentId, orderId: name, amount: 400 })
  await eventually(async () => {
    const request = await till.prisma.refundRequest.findUniqueOrThrow({ where: { id } })
    expect(request).toMatchObject({ status: 'sent', keyRound: 1 })
  })
  const made = await till.client.refunds.create({
    payment_intent,
    amount: 400,
    metadata: { refund_request_id: id, order_id: name },
  })
  expect(await till.becomes(id, 'done')).toMatchObject({ refundId: made.id })
  expect(await till.refundsOf(payment_intent)).toHaveLength(1)
})

test('a refund that Stripe refuses fails with its message, shows in the health, and is retried on approval', async () => {
  const { paymentId } = await till.sell(orderId('refused'))
  till.stripe.addApiFault({
    when: { method: 'POST', path: '/refunds', times: 1 },
    do: { kind: 'status', status: 400, message: 'Insufficient funds in your Stripe balance.' },
  })
  const id = await till.requestRefund({ paymentId, orderId: orderId('refused') })
  expect(await till.becomes(id, 'failed')).toMatchObject({
    error: expect.stringContaining('Insufficient funds'),
  })
  await eventually(async () => {
    expect((await till.call('/health')).body).toMatchObject({
      status: 'degraded',
      failing: { refunds: expect.stringContaining('1 failed') },
    })
  })
  expect((await till.call(`/admin/refunds/${id}/approve`, 'POST')).body).toMatchObject({
    status: 'approved',
    decided_by: 'anna',
  })
  await till.becomes(id, 'done')
})

test('a refund that the bank returned is made again, as another refund, on approval', async () => {
  const { paymentId, payment_intent } = await till.sell(orderId('returned'))
  const id = await till.requestRefund({ paymentId, orderId: orderId('returned') })
  const { refundId } = await till.becomes(id, 'done')
  const approve = () => till.call<{ status: string }>(`/admin/refunds/${id}/approve`, 'POST')
  expect(await approve()).toMatchObject({ status: 409 })
  till.stripe.updateRefund(refundId ?? '', 'failed')
  await eventually(async () => {
    const refund = await till.prisma.refund.findUniqueOrThrow({ where: { id: refundId ?? '' } })
    expect(refund).toMatchObject({ status: 'failed' })
  })
  expect(await approve()).toMatchObject({ status: 200, body: { status: 'approved' } })
  await till.becomes(id, 'done')
  expect((await till.refundsOf(payment_intent)).map(({ status }) => status)).toEqual(['succeeded', 'failed'])
})

test('a refused refund is retried under another key, since Stripe may have saved the refusal under the first', async () => {
  const { paymentId } = await till.sell(orderId('kept-refusal'))
  till.stripe.addApiFault({
    when: { method: 'POST', path: '/refunds', times: 1 },
    do: { kind: 'status', status: 400, message: 'Insufficient funds in your Stripe balance.' },
  })
  const id = await till.requestRefund({ paymentId, orderId: orderId('kept-refusal') })
  await till.becomes(id, 'failed')
  await till.call(`/admin/refunds/${id}/approve`, 'POST')
  expect(await till.becomes(id, 'done')).toMatchObject({ keyRound: 1 })
})

test('a request for a payment that is not known yet waits for it', async () => {
  const name = orderId('early')
  const { id: paymentId } = await till.client.checkout.sessions.create({
    mode: 'payment',
    line_items: [
      { quantity: 1, price_data: { currency: 'eur', unit_amount: 1_000, product_data: { name: 'S' } } },
    ],
    metadata: { order_id: name },
    success_url: 'https://shop.example.com',
  })
  const id = await till.requestRefund({ paymentId, orderId: name })
  await eventually(async () => {
    const request = await till.prisma.refundRequest.findUniqueOrThrow({ where: { id } })
    expect(request.error).toContain('not known here yet')
  })
  till.stripe.pay(paymentId)
  await till.becomes(id, 'done')
})

test('two gateways send each refund once', async () => {
  await using _second = await till.start({ PORT: '0', REFUNDS_PER_DAY: '100' })
  const names = Array.from({ length: 8 }, (_, n) => orderId(`two-${n}`))
  const sold = await Promise.all(names.map((name) => till.sell(name)))
  const ids = await Promise.all(
    sold.map(({ paymentId }, n) => till.requestRefund({ paymentId, orderId: names[n] ?? '' })),
  )
  for (const id of ids) await till.becomes(id, 'done')
  for (const { payment_intent } of sold) expect(await till.refundsOf(payment_intent)).toHaveLength(1)
})

test('the subscription of a refunded payment ends with it, so that nothing renews', async () => {
  const { sessionId, subscriptionId } = await till.subscribeAtStripe(orderId('subscribed'))
  await eventually(() => till.prisma.payment.findUniqueOrThrow({ where: { id: subscriptionId } }))
  const id = await till.requestRefund({ paymentId: subscriptionId, orderId: orderId('subscribed') })
  await till.becomes(id, 'done')
  expect(await till.client.subscriptions.retrieve(subscriptionId)).toMatchObject({ status: 'canceled' })
  const { invoice } = await till.client.checkout.sessions.retrieve(sessionId)
  const { data } = await till.client.invoicePayments.list({ invoice: String(invoice) })
  expect(await till.refundsOf(String(data[0]?.payment.payment_intent))).toMatchObject([{ amount: 1_000 }])
  await eventually(async () => {
    const payment = await till.prisma.payment.findUniqueOrThrow({ where: { id: subscriptionId } })
    expect(JSON.parse(payment.state)).toMatchObject({ refunded: 1_000 })
    expect(await till.prisma.subscription.findUniqueOrThrow({ where: { id: subscriptionId } })).toMatchObject(
      {
        status: 'canceled',
      },
    )
  })
})
