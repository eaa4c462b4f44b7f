import { expect, test } from 'vitest'
import { eventually, oneServer, startSeller } from './seller.ts'

test('money goes back in parts until nothing is left', async () => {
  await using seller = await startSeller()
  const payment_intent = await sell(seller)

  await seller.stripe.refunds.create({ payment_intent, amount: 500 })
  const [partly] = (await seller.stripe.charges.list()).data
  expect(partly).toMatchObject({ amount_refunded: 500, refunded: false })
  await expect(seller.stripe.refunds.create({ payment_intent, amount: 1001 })).rejects.toMatchObject({
    param: 'amount',
  })

  const rest = await seller.stripe.refunds.create({ payment_intent, reason: 'requested_by_customer' })
  expect(rest).toMatchObject({ amount: 1000, status: 'succeeded', charge: partly?.id, currency: 'eur' })
  expect((await seller.stripe.charges.list()).data[0]).toMatchObject({
    amount_refunded: 1500,
    refunded: true,
  })
  await expect(seller.stripe.refunds.create({ payment_intent })).rejects.toMatchObject({
    code: 'charge_already_refunded',
  })

  expect((await seller.stripe.refunds.list({ payment_intent })).data.map(({ amount }) => amount)).toEqual([
    1000, 500,
  ])
  expect((await seller.stripe.refunds.retrieve(rest.id)).id).toBe(rest.id)
  await eventually(() => {
    const refunded = seller.receiver.received.filter(({ event }) => event.type === 'charge.refunded')
    expect(refunded.map(({ event }) => event.data.previous_attributes)).toEqual(
      expect.arrayContaining([
        { amount_refunded: 0, refunded: false },
        { amount_refunded: 500, refunded: false },
      ]),
    )
  })
})

test('a refund the bank sends back makes the money the seller’s again', async () => {
  await using seller = await startSeller()
  const payment_intent = await sell(seller)
  const refund = await seller.stripe.refunds.create({ payment_intent })

  seller.simulator.updateRefund(refund.id, 'failed')

  expect(await seller.stripe.refunds.retrieve(refund.id)).toMatchObject({ status: 'failed' })
  expect((await seller.stripe.charges.list()).data[0]).toMatchObject({ amount_refunded: 0, refunded: false })
  await eventually(() =>
    expect(seller.receiver.types()).toEqual(
      expect.arrayContaining(['refund.created', 'refund.updated', 'refund.failed']),
    ),
  )
})

test('a refund can be pending until the bank has done it', async () => {
  await using seller = await startSeller()
  const { stripe, simulator } = seller
  const payment_intent = await sell(seller)
  simulator.planRefund({ outcome: 'pending' })
  const refund = await stripe.refunds.create({ payment_intent, amount: 400 })
  expect(refund).toMatchObject({ status: 'pending', pending_reason: 'processing' })
  expect((await stripe.charges.list()).data[0]).toMatchObject({ amount_refunded: 400 })

  simulator.updateRefund(refund.id, 'succeeded')
  const done = await stripe.refunds.retrieve(refund.id)
  expect(done).toMatchObject({ status: 'succeeded' })
  expect(done).not.toHaveProperty('pending_reason')
  const [updated] = (await stripe.events.list({ type: 'charge.refund.updated' })).data
  expect(updated?.data.previous_attributes).toMatchObject({ status: 'pending', pending_reason: 'processing' })
  expect((await stripe.refunds.create({ payment_intent })).status).toBe('succeeded')
})

test('a refund that succeeded at first comes back days later', async () => {
  await using seller = await startSeller()
  const { stripe, simulator } = seller
  const payment_intent = await sell(seller)
  simulator.planRefund({ outcome: 'failed', after_seconds: 5 * 86_400 })
  const refund = await stripe.refunds.create({ payment_intent })
  expect(refund.status).toBe('succeeded')
  const { events } = await simulator.moveClock({ advance_seconds: 6 * 86_400 })
  expect(events.map(({ type }) => type)).toEqual(['refund.updated', 'charge.refund.updated', 'refund.failed'])
  expect((await stripe.charges.list()).data[0]).toMatchObject({ amount_refunded: 0, refunded: false })
  expect(await stripe.refunds.retrieve(refund.id)).toMatchObject({
    status: 'failed',
    failure_reason: 'expired_or_canceled_card',
  })
})

test('a refund from the dashboard comes from no call, and its metadata can be changed', async () => {
  await using seller = await startSeller()
  const { stripe, simulator } = seller
  const refund = simulator.refund({ payment_intent: await sell(seller), amount: 100 })
  const [created] = (await stripe.events.list({ type: 'refund.created' })).data
  expect(created).toMatchObject({ data: { object: { id: refund.id } }, request: { id: null } })
  await stripe.refunds.update(refund.id, { metadata: { ticket: '7', note: 'kind' } })
  const noted = await stripe.refunds.update(refund.id, { metadata: { note: '' } })
  expect(noted.metadata).toEqual({ ticket: '7' })
})

test('a refund asked for twice with one key is one refund, and a 500 with its key stays a 500', async () => {
  await using seller = await startSeller()
  const { stripe, simulator } = seller
  const payment_intent = await sell(seller)
  const ask = (idempotencyKey: string) =>
    stripe.refunds.create({ payment_intent, amount: 500 }, { idempotencyKey })
  expect((await ask('order-1:refund:1')).id).toBe((await ask('order-1:refund:1')).id)

  simulator.addApiFault({ when: { method: 'POST', times: 1 }, do: { kind: 'status', status: 500 } })
  await expect(ask('order-1:refund:2')).rejects.toMatchObject({ statusCode: 500 })
  await expect(ask('order-1:refund:2')).rejects.toMatchObject({ statusCode: 500 })
  await ask('order-1:refund:3')
  expect((await stripe.refunds.list({ payment_intent })).data).toHaveLength(2)
  expect((await stripe.charges.list({ payment_intent })).data[0]).toMatchObject({ amount_refunded: 1000 })
})

async function sell({ stripe, simulator }: Awaited<ReturnType<typeof startSeller>>) {
  const { id } = await stripe.checkout.sessions.create(oneServer)
  return String(simulator.pay(id).session.payment_intent)
}
