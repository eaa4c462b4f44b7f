import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { payment, server } from './fixtures.ts'
import { openShop, type Shop } from './open-shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
}, 60_000)

afterAll(() => shop?.[Symbol.asyncDispose]())

test('a payment for a plan that was not there yet gets its server once the plan is', async () => {
  await shop.publishPayment(payment({ payment_id: 'cs_medium', plan: 'medium', region: 'eu' }))
  const { id } = await shop.orderPaidBy('cs_medium')
  expect(await decide(id)).toMatchObject({
    status: 409,
    body: { code: 'still_held', detail: expect.stringContaining('There is no plan "medium"') },
  })
  await shop.send('PUT', '/admin/plans/medium', { name: 'Medium', amount: 999, currency: 'eur' })
  expect(await decide(id)).toMatchObject({
    status: 200,
    body: {
      status: 'paid',
      error_message: null,
      history: [{ status: 'error' }, { status: 'paid', cause: `decide/${id}/2/shop`, note: 'Decided again' }],
    },
  })
  expect(await orderPaid(id)).toMatchObject([{ plan: 'medium', desired: 'running', price: { amount: 999 } }])
  expect(await decide(id)).toMatchObject({ status: 409, body: { code: 'order_not_held' } })
  expect(await orderPaid(id)).toHaveLength(1)
})

test('a correction is kept and published', async () => {
  const wrong = { plan: 'small', region: 'mars', customer_email: 'nobody', server_name: 'Home' }
  await shop.publishPayment(payment({ payment_id: 'cs_wrong', ...wrong }))
  const { id } = await shop.orderPaidBy('cs_wrong')
  const right = { region: 'eu', server_name: 'Castle', environment: { EULA: '1' } }
  expect(await decide(id, { ...right, customer_email: 'b@example.com' })).toMatchObject({ status: 200 })
  expect(await orderPaid(id)).toMatchObject([{ ...right, customer: { email: 'b@example.com' } }])
  const kept = await shop.prisma.order.findUniqueOrThrow({ where: { id } })
  expect(kept).toMatchObject({
    status: 'paid',
    region: 'eu',
    serverName: 'Castle',
    customerEmail: 'b@example.com',
    environment: '{"EULA":"1"}',
  })
})

test('asked for by many at once, it is decided once', async () => {
  await shop.publishPayment(payment({ payment_id: 'cs_many', plan: 'small', region: 'mars' }))
  const { id } = await shop.orderPaidBy('cs_many')
  const answers = await Promise.all(Array.from({ length: 5 }, () => decide(id, { region: 'eu' })))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409])
  expect(await orderPaid(id)).toHaveLength(1)
})

test('a server that failed for its name can be given another one', async () => {
  await shop.publishPayment(payment({ payment_id: 'cs_name', plan: 'small', region: 'eu' }))
  const { id } = await shop.orderPaidBy('cs_name')
  await shop.publishServer(server({ order_id: id, status: 'failed', error_message: 'The name is refused' }))
  await eventually(async () => {
    expect(await shop.prisma.order.findUnique({ where: { id } })).toMatchObject({ status: 'error' })
  })
  expect(await decide(id, { server_name: 'Castle' })).toMatchObject({
    status: 200,
    body: { status: 'error', server_name: 'Castle' },
  })
  const changed = await said(id, 'order.changed')
  expect(changed).toMatchObject([{ server_name: 'Castle', desired: 'running', version: 2 }])
})

async function decide(id: string, correction: object = {}) {
  const response = await shop.send('POST', `/admin/orders/${id}/decide`, correction)
  return { status: response.status, body: await response.json() }
}

function orderPaid(id: string) {
  return said(id, 'order.paid')
}

async function said(id: string, subject: string) {
  const events = await shop.prisma.outbox.findMany({ where: { key: id, subject }, orderBy: { seq: 'asc' } })
  return events.map(({ envelope }) => JSON.parse(envelope).data)
}
