import { randomUUID } from 'node:crypto'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { payment, server } from './fixtures.ts'
import { openShop, type Shop } from './open-shop.ts'

const reason = 'the customer asked'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
  await shop.send('PUT', '/admin/plans/large', { name: 'Large', amount: 1999, currency: 'eur' })
}, 60_000)

afterAll(() => shop?.[Symbol.asyncDispose]())

test('an order is suspended, resumed and ended, each with its reason, and never comes back', async () => {
  const id = await bought('cs_life')
  expect(await ask(id, 'suspend', { reason })).toMatchObject({
    status: 200,
    body: { status: 'provisioned', desired: 'suspended' },
  })
  await shop.publishServer(server({ order_id: id, version: 3, status: 'suspended' }))
  await stands(id, 'suspended')
  expect(await ask(id, 'resume', { reason })).toMatchObject({ body: { desired: 'running' } })
  await shop.publishServer(server({ order_id: id, version: 4 }))
  await stands(id, 'provisioned')
  expect(await ask(id, 'terminate', { reason })).toMatchObject({ body: { desired: 'terminated' } })
  await shop.publishServer(server({ order_id: id, version: 5, status: 'terminated', ptero_server_id: null }))
  await stands(id, 'terminated')
  expect(await ask(id, 'resume', { reason })).toMatchObject({
    status: 409,
    body: { code: 'order_terminated', detail: expect.stringContaining('for good') },
  })
  expect(await said(id)).toEqual(['order.paid', 'order.suspended', 'order.resumed', 'order.ended'])
  const { body } = await read(id)
  expect(body.history.map(({ cause, note }) => [cause, note])).toEqual(
    expect.arrayContaining([
      [`suspend/${id}/2/shop`, `Suspended: ${reason}`],
      [`resume/${id}/3/shop`, `Resumed: ${reason}`],
      [`terminate/${id}/4/shop`, `Ended: ${reason}`],
    ]),
  )
})

test('sent by many at once, a command runs once', async () => {
  const id = await bought('cs_many')
  const answers = await Promise.all(Array.from({ length: 5 }, () => ask(id, 'suspend', { reason })))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  expect(await said(id)).toEqual(['order.paid', 'order.suspended'])
})

test('a change of plan is published with the plan before, at the price of the new one', async () => {
  const id = await bought('cs_plan')
  expect(await ask(id, 'change-plan', { reason, plan: 'large' })).toMatchObject({
    status: 200,
    body: { plan: 'large', amount: 1999 },
  })
  expect(await lastSaid(id)).toMatchObject({
    type: 'order.changed',
    data: {
      plan: 'large',
      previous_plan: 'small',
      price: { amount: 1999 },
      note: `Plan small → large: ${reason}`,
    },
  })
  expect(await ask(id, 'change-plan', { reason, plan: 'huge' })).toMatchObject({
    status: 409,
    body: { code: 'unknown_plan' },
  })
})

test('a plan that its server does not fit where it stands is refused before anything changes, as a customer is', async () => {
  const id = await bought('cs_full')
  shop.capacity.exhaustCapacity()
  try {
    expect(await ask(id, 'change-plan', { reason, plan: 'large' })).toMatchObject({
      status: 409,
      body: { code: 'no_capacity', detail: expect.stringContaining('no room') },
    })
    expect(await ask(id, 'change-plan', { reason, plan: 'huge' })).toMatchObject({
      body: { code: 'unknown_plan' },
    })
    expect(await ask(id, 'change-plan', { reason, plan: 'small' })).toMatchObject({ status: 200 })
  } finally {
    shop.capacity.freeCapacity()
  }
  expect(await said(id)).toEqual(['order.paid'])
  expect(await read(id)).toMatchObject({ body: { plan: 'small' } })
})

test('an order that still waits for its server may get another plan, and is placed with that', async () => {
  const id = await bought('cs_waits')
  shop.capacity.forgetServers()
  try {
    expect(await ask(id, 'change-plan', { reason, plan: 'large' })).toMatchObject({
      status: 200,
      body: { plan: 'large' },
    })
  } finally {
    shop.capacity.freeCapacity()
  }
})

test('another name and another owner are kept and published', async () => {
  const id = await bought('cs_name')
  const customer = { id: 'c-9', email: 'b@example.com', name: 'B' }
  expect(await ask(id, 'rename', { reason, server_name: ' Castle ' })).toMatchObject({
    body: { server_name: 'Castle' },
  })
  expect(await ask(id, 'change-owner', { reason, customer })).toMatchObject({ body: { customer } })
  expect(await lastSaid(id)).toMatchObject({ data: { server_name: 'Castle', customer, version: 3 } })
})

test('what cannot be is refused with a reason, and without one nothing is asked', async () => {
  const id = await bought('cs_refused')
  expect(await ask(randomUUID(), 'suspend', { reason })).toMatchObject({ status: 404 })
  for (const body of [{}, { reason: ' ' }, { reason, plan: 'large' }])
    expect(await ask(id, 'suspend', body)).toMatchObject({ status: 422 })
  await shop.publishPayment(payment({ payment_id: 'cs_held', plan: 'small', region: 'mars' }))
  const held = await shop.orderPaidBy('cs_held')
  expect(await ask(held.id, 'suspend', { reason })).toMatchObject({
    status: 409,
    body: { code: 'order_without_server' },
  })
})

async function bought(paymentId: string): Promise<string> {
  await shop.publishPayment(payment({ payment_id: paymentId, plan: 'small', region: 'eu' }))
  const { id } = await shop.orderPaidBy(paymentId)
  await shop.publishServer(server({ order_id: id }))
  await stands(id, 'provisioned')
  return id
}

async function stands(id: string, status: string): Promise<void> {
  await eventually(async () => expect((await read(id)).body).toMatchObject({ status }))
}

type Shown = { status: string; history: { cause: string; note: string | null }[] }

async function read(id: string) {
  const response = await shop.send('GET', `/orders/${id}`)
  return { status: response.status, body: (await response.json()) as Shown }
}

async function ask(id: string, what: string, body: object) {
  const response = await shop.send('POST', `/admin/orders/${id}/${what}`, body)
  return { status: response.status, body: await response.json() }
}

async function said(id: string): Promise<string[]> {
  return (await events(id)).map(({ subject }) => subject)
}

async function lastSaid(id: string) {
  return JSON.parse((await events(id)).at(-1)?.envelope ?? '{}')
}

function events(id: string) {
  return shop.prisma.outbox.findMany({ where: { key: id }, orderBy: { seq: 'asc' } })
}
