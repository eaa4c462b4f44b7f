import { againAfterRaces } from '@spawnpoint/database'
import { eventually } from '@spawnpoint/stack'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

let seller: Seller

beforeAll(async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
})

afterEach(() => {
  seller.panel.removeFaults()
})

afterAll(() => seller[Symbol.asyncDispose]())

test('an ended order has nothing left on the panel, and its capacity is free', async () => {
  await bought('o-1')
  await end('o-1')
  await seller.becomes('o-1', 'terminated')
  expect(seller.onPanel('o-1')).toEqual([])
  expect(await seller.prisma.allocationClaim.count({ where: { orderId: 'o-1' } })).toBe(0)
  expect((await seller.statesOf('o-1')).at(-1)).toEqual({
    order_id: 'o-1',
    version: 3,
    order_version: 3,
    status: 'terminated',
    ptero_server_id: null,
    ptero_identifier: null,
    address: null,
    node_id: null,
    error_class: null,
    error_message: null,
    plan: 'small',
  })
})

test('a node that is away is waited for, and never forced', async () => {
  await bought('o-2')
  seller.panel.breakWings({ on: 'delete', fault: 'refused' })
  await end('o-2')
  await eventually(async () => {
    const server = await seller.serverOf('o-2')
    expect(server).toMatchObject({ errorClass: 'node_unreachable', status: 'provisioned' })
    expect(server.attempts).toBeGreaterThan(3)
  })
  expect(seller.onPanel('o-2')).toHaveLength(1)
  const told = (await seller.statesOf('o-2')).filter(({ error_class }) => error_class === 'node_unreachable')
  expect(told).toMatchObject([{ status: 'provisioned', error_message: expect.stringContaining('Wings') }])
  seller.panel.healWings()
  await seller.becomes('o-2', 'terminated')
  expect((await seller.statesOf('o-2')).at(-1)).toMatchObject({ error_message: null })
  expect(seller.onPanel('o-2')).toEqual([])
})

test('an unanswered deletion is detected', async () => {
  await bought('o-3')
  seller.panel.addFault({ when: { method: 'DELETE', times: 1 }, do: { kind: 'lost-response' } })
  await end('o-3')
  await seller.becomes('o-3', 'terminated')
  expect(seller.onPanel('o-3')).toEqual([])
})

test('a deletion that was carried out and answered 504 is settled as soon as the server is not there', async () => {
  await bought('o-8')
  seller.panel.addFault({
    when: { method: 'DELETE', times: 1 },
    do: { kind: 'respond', status: 504, work: true },
  })
  await end('o-8')
  await seller.becomes('o-8', 'terminated')
  const { unknownUntil } = await seller.serverOf('o-8')
  expect(unknownUntil?.getTime()).toBeGreaterThan(Date.now())
  expect((await seller.statesOf('o-8')).at(-1)).toMatchObject({ status: 'terminated', error_class: null })
})

test('a server that is created after its order has ended is found and removed, and nothing is published before', async () => {
  // Longer than we wait for it, and shorter than it may take.
  seller.panel.addFault({
    when: { method: 'POST', path: '/servers$', times: 1 },
    do: { kind: 'slow', ms: 150_000 },
  })
  await seller.sell(paidOrder('o-4'))
  await eventually(async () => expect(await seller.serverOf('o-4')).toMatchObject({ intent: 'create' }))
  await end('o-4')
  const deleted = seller.calls(/^DELETE/)
  await eventually(() => expect(seller.onPanel('o-4')).toHaveLength(1), { timeoutMs: 15_000 })
  expect(await seller.publishedFor('o-4')).toEqual([])
  await seller.becomes('o-4', 'terminated')
  expect(seller.onPanel('o-4')).toEqual([])
  expect(seller.calls(/^DELETE/)).toBe(deleted + 1)
  expect(await seller.publishedFor('o-4')).toEqual(['server.terminated'])
})

test('what has ended is never made again', async () => {
  await bought('o-5')
  await end('o-5')
  await seller.becomes('o-5', 'terminated')
  await seller.sell(paidOrder('o-5', { version: 4 }))
  await eventually(async () => expect(await seller.serverOf('o-5')).toMatchObject({ orderVersion: 4 }))
  expect(await seller.serverOf('o-5')).toMatchObject({ desired: 'terminated', nextAttemptAt: null })
  expect((await seller.send('POST', '/api/servers/provision', { order_id: 'o-5' })).status).toBe(409)
  expect(seller.onPanel('o-5')).toEqual([])
})

test('what we never asked for is not ours to delete', async () => {
  const { id } = await bought('o-6')
  seller.panel.change({ servers: [{ id, external_id: 'o-7' }] })
  // As if another program had made it.
  await againAfterRaces(() => seller.prisma.server.delete({ where: { orderId: 'o-6' } }))
  await seller.sell(paidOrder('o-7', { desired: 'terminated' }), 'order.ended')
  await seller.becomes('o-7', 'failed')
  expect(await seller.serverOf('o-7')).toMatchObject({ errorClass: 'external_id_taken' })
  expect(seller.onPanel('o-7')).toHaveLength(1)
})

test('by policy, a node that stays away is not waited for any longer', async () => {
  const impatient = await openSeller({
    install: { mode: 'at-once' },
    env: { FORCE_DELETE_AFTER_HOURS: '0.01' },
  })
  try {
    await impatient.sell(paidOrder('o-1'))
    await impatient.provisioned('o-1')
    impatient.panel.breakWings({ on: 'delete', fault: 'refused' })
    await impatient.sell(paidOrder('o-1', { version: 3, desired: 'terminated' }), 'order.ended')
    await impatient.becomes('o-1', 'terminated')
    expect(impatient.onPanel('o-1')).toEqual([])
  } finally {
    await impatient[Symbol.asyncDispose]()
  }
})

async function bought(orderId: string) {
  await seller.sell(paidOrder(orderId))
  await seller.provisioned(orderId)
  const [server] = seller.onPanel(orderId)
  if (!server) throw new Error(`Nothing was made for ${orderId}`)
  return server
}

function end(orderId: string): Promise<void> {
  return seller.sell(paidOrder(orderId, { version: 3, desired: 'terminated' }), 'order.ended')
}
