import type { ServerState } from '@spawnpoint/contracts'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { payment, server } from './fixtures.ts'
import { openShop, type Shop } from './open-shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
})

afterAll(() => shop?.[Symbol.asyncDispose]())

test('a server that was moved is shown where it is by now, and its history says since when', async () => {
  const id = await running('cs_moved')
  await serverIs(id, 2, { address: '203.0.113.2:25565', node_id: 2 })
  const order = await shows(id, { status: 'provisioned', address: '203.0.113.2:25565', region: 'eu' })
  expect(order.history.map(({ note }) => note)).toContain(
    'Its address is 203.0.113.2:25565 from now on, no longer 203.0.113.1:25565',
  )
  expect(await published(id)).toEqual(['order.paid'])
})

test('in another region its order is there too, and says so', async () => {
  const id = await running('cs_region')
  await serverIs(id, 2, { address: '203.0.113.3:25565', node_id: 3, region: 'us' })
  const order = await shows(id, { status: 'provisioned', address: '203.0.113.3:25565', region: 'us' })
  expect(order.history.map(({ note }) => note)).toContain(
    'In the region us from now on: its server was moved there',
  )
  expect(await published(id)).toEqual(['order.paid', 'order.changed'])
  const [changed] = await shop.prisma.outbox.findMany({ where: { key: id, subject: 'order.changed' } })
  expect(JSON.parse(changed?.envelope ?? '{}').data).toMatchObject({
    region: 'us',
    desired: 'running',
    billing_status: 'paid',
  })
  // The provisioner says it until it has consumed that.
  await serverIs(id, 3, { address: '203.0.113.4:25565', region: 'us' })
  await shows(id, { address: '203.0.113.4:25565', region: 'us' })
  await serverIs(id, 4, { address: '203.0.113.4:25565', status: 'suspended' })
  await shows(id, { status: 'suspended', region: 'us' })
  expect(await published(id)).toEqual(['order.paid', 'order.changed'])
})

test('change-region follows a transfer that was made on the panel, and says what to do there until it was', async () => {
  await shop.send('PUT', '/admin/regions/us', { name: 'US' })
  const id = await running('cs_by_hand')
  const ask = async (region: string) => {
    const answer = await shop.send('POST', `/admin/orders/${id}/change-region`, {
      region,
      reason: 'Asked for',
    })
    return { status: answer.status, body: await answer.json() }
  }
  shop.capacity.placeServers({ class: 'transfer_on_panel', message: 'Transfer it there to node 3.' })
  expect(await ask('us')).toMatchObject({
    status: 409,
    body: { code: 'transfer_on_panel', detail: expect.stringContaining('Transfer it there to node 3.') },
  })
  expect(await ask('mars')).toMatchObject({ status: 409, body: { code: 'unknown_region' } })
  expect(await ask('eu')).toMatchObject({ status: 200, body: { region: 'eu' } })
  expect(await published(id)).toEqual(['order.paid'])
  shop.capacity.placeServers(null)
  expect(await ask('us')).toMatchObject({ status: 200, body: { region: 'us', desired: 'running' } })
  expect(await published(id)).toEqual(['order.paid', 'order.changed'])
})

test('an order without a server is placed in the other region once nothing can come in its own', async () => {
  await shop.publishPayment(payment({ payment_id: 'cs_waits', order_id: null, plan: 'small', region: 'eu' }))
  const { id } = await shop.orderPaidBy('cs_waits')
  shop.capacity.placeServers({ class: 'server_unknown', message: 'No server.' })
  await shop.send('POST', `/admin/orders/${id}/change-region`, { region: 'us', reason: 'No room' })
  await shows(id, { region: 'eu', desired: 'suspended' })
  await serverIs(id, 1, { status: 'suspended', ptero_server_id: null, address: null })
  await shows(id, { region: 'us', desired: 'running' })
})

async function running(payment_id: string): Promise<string> {
  await shop.publishPayment(payment({ payment_id, order_id: null, plan: 'small', region: 'eu' }))
  const { id } = await shop.orderPaidBy(payment_id)
  await serverIs(id, 1, { address: '203.0.113.1:25565' })
  await shows(id, { status: 'provisioned' })
  return id
}

async function serverIs(order_id: string, version: number, changes: Partial<ServerState>): Promise<void> {
  await shop.publishServer(
    server({ order_id, version, status: 'provisioned', ptero_server_id: 7, ...changes }),
  )
}

type Shown = { history: { note: string | null }[] }

async function shows(id: string, expected: object): Promise<Shown> {
  return await eventually(async () => {
    const order = (await (await shop.send('GET', `/orders/${id}`)).json()) as Shown
    expect(order).toMatchObject(expected)
    return order
  })
}

async function published(id: string): Promise<string[]> {
  const rows = await shop.prisma.outbox.findMany({ where: { key: id }, orderBy: { seq: 'asc' } })
  return rows.map(({ subject }) => subject)
}
