import { derivedId, newEvent } from '@spawnpoint/messaging'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { payment, server } from './fixtures.ts'
import { openShop, orderRequest, type Shop } from './open-shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
})

afterAll(() => shop?.[Symbol.asyncDispose]())

test('a payment of the right amount makes the order paid and is published once', async () => {
  await shop.publishPayment(payment({ payment_id: 'cs_right', plan: 'small', region: 'eu' }))
  const order = await shop.orderPaidBy('cs_right')
  expect(order).toMatchObject({ status: 'paid', billingStatus: 'paid', errorMessage: null })
  expect(await shop.prisma.outbox.count({ where: { key: order.id, subject: 'order.paid' } })).toBe(1)
})

test('a payment of the wrong amount is held where a person sees it, and wants no server', async () => {
  const paid = { amount: 1, currency: 'eur' }
  await shop.publishPayment(payment({ payment_id: 'cs_wrong', plan: 'small', region: 'eu', paid }))
  const order = await shop.orderPaidBy('cs_wrong')
  expect(order).toMatchObject({ status: 'error', errorMessage: expect.stringContaining('Paid 0.01 EUR') })
  expect(await shop.prisma.outbox.count({ where: { key: order.id, subject: 'order.paid' } })).toBe(0)
})

test('a payment for an unknown plan is held', async () => {
  await shop.publishPayment(payment({ payment_id: 'cs_plan', plan: 'huge', region: 'eu' }))
  expect(await shop.orderPaidBy('cs_plan')).toMatchObject({
    status: 'error',
    errorMessage: expect.stringContaining('huge'),
  })
})

test('a payment for an order that is not known yet is parked, not lost', async () => {
  const order_id = '00000000-0000-5000-8000-000000000000'
  await shop.publishPayment(payment({ payment_id: 'cs_early', order_id }))
  await isParked(order_id)
})

test('a payment that came before its order is decided when the order is there', async () => {
  const id = derivedId('shop/early', 'order')
  await shop.publishPayment(payment({ payment_id: 'cs_before', order_id: id }))
  await isParked(id)
  await shop.send('POST', '/orders', orderRequest, { 'idempotency-key': 'early' })
  expect(await shop.orderPaidBy('cs_before')).toMatchObject({ id, status: 'paid' })
  expect(await shop.prisma.parkedEvent.count({ where: { waitingFor: `order:${id}` } })).toBe(0)
})

test('a second payment for a paid order changes nothing, and its history says what to refund', async () => {
  await shop.publishPayment(payment({ payment_id: 'cs_first', plan: 'small', region: 'eu' }))
  const { id } = await shop.orderPaidBy('cs_first')
  await shop.publishPayment(payment({ payment_id: 'cs_second', order_id: id }))
  await eventually(async () => {
    expect(await shop.prisma.orderHistory.count({ where: { orderId: id } })).toBe(2)
  })
  const response = await shop.send('GET', `/orders/${id}`)
  expect(await response.json()).toMatchObject({
    status: 'paid',
    history: [{ note: null }, { note: 'Paid 9.99 EUR once more by cs_second: refund it' }],
  })
  expect(await shop.prisma.outbox.count({ where: { key: id } })).toBe(1)
})

test('a second payment is counted in /health until its refund is recorded', async () => {
  await shop.publishPayment(payment({ payment_id: 'cs_once', plan: 'small', region: 'eu' }))
  const { id } = await shop.orderPaidBy('cs_once')
  const before = await shop.prisma.deadLetter.count({ where: { class: 'paid_twice' } })
  await shop.publishPayment(payment({ payment_id: 'cs_twice', order_id: id }))
  await eventually(async () => expect(await health()).toMatchObject({ paid_twice: before + 1 }))
  const [letter] = await shop.prisma.deadLetter.findMany({ where: { lastError: { contains: 'cs_twice' } } })
  expect(letter).toMatchObject({
    class: 'paid_twice',
    lastError: `Order ${id}: Paid 9.99 EUR once more by cs_twice: refund it`,
  })
  await shop.send('POST', '/admin/dead-letters/resolve', { ids: [letter?.eventId], note: 'Refunded' })
  await eventually(async () => expect(await health()).toMatchObject({ paid_twice: before }))
})

test.each([
  ['an id of 188 characters', 'x'.repeat(188)],
  ['an id with an accent', 'commande-é'],
])('a payment for an order of somebody else waits where it is seen: %s', async (what, order_id) => {
  await shop.publishPayment(payment({ payment_id: `cs_${what.length}`, order_id }))
  await eventually(async () => {
    const waiting = await shop.prisma.parkedEvent.findMany({
      where: { waitingFor: { startsWith: `order:${order_id.slice(0, 8)}` } },
    })
    expect(waiting).toHaveLength(1)
  })
})

test('the order shows its server, and late events do not undo that', async () => {
  await shop.publishPayment(payment({ payment_id: 'cs_server', plan: 'small', region: 'eu' }))
  const { id } = await shop.orderPaidBy('cs_server')
  await shop.publishServer(server({ order_id: id, version: 2, status: 'provisioned' }))
  await shop.publishServer(server({ order_id: id, version: 1, status: 'provisioning' }))
  await eventually(async () => {
    const reasons = await shop.prisma.inbox.findMany({ where: { reason: 'older_server_version' } })
    expect(reasons).toHaveLength(1)
  })
  expect(await shop.prisma.order.findUnique({ where: { id } })).toMatchObject({
    status: 'provisioned',
    pteroServerId: 7,
    pteroIdentifier: 'abcd1234',
  })
})

test('an event of a version that this release does not know is a dead letter with a name', async () => {
  const event = newEvent({
    source: 'billing',
    cause: 'cs_newer/succeeded',
    type: 'payment.succeeded',
    subject: 'cs_newer',
    version: 1,
    data: payment({ payment_id: 'cs_newer' }),
    time: new Date(),
  })
  await shop.publishBilling({ ...event, dataversion: 2 })
  await eventually(async () => {
    expect(await shop.prisma.deadLetter.findMany({ where: { class: { not: 'paid_twice' } } })).toMatchObject([
      { class: 'unsupported_version' },
    ])
  })
  await eventually(async () => expect((await health()).paid_without_order).toBeGreaterThanOrEqual(1))
})

test('what is paid and has no server is counted in /health, and money that waits for a person makes it degraded', async () => {
  expect(await health()).toMatchObject({
    status: 'degraded',
    failing: {
      money: expect.stringContaining('payments pay for no order (`npx spawnpoint dead-letters list`)'),
    },
    paid_without_server: { failed: 2 },
    paid_without_order: expect.any(Number),
  })
})

async function health() {
  return (await (await shop.send('GET', '/health')).json()) as {
    paid_twice: number
    paid_without_order: number
  }
}

async function isParked(orderId: string): Promise<void> {
  await eventually(async () => {
    expect(await shop.prisma.parkedEvent.count({ where: { waitingFor: `order:${orderId}` } })).toBe(1)
  })
}
