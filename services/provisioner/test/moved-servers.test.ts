import { eventually } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

let seller: Seller

beforeEach(async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
  await seller.send('PUT', '/admin/region-nodes/eu', { nodes: [1] })
  await seller.sell(paidOrder('o-1'))
  await seller.provisioned('o-1')
  await settled()
})

afterEach(() => seller[Symbol.asyncDispose]())

test('a server that was transferred to another node is published with its new address, and counts there', async () => {
  await seller.send('PUT', '/admin/region-nodes/eu', { nodes: [1, 2] })
  transfer(2, 51)
  expect(await sweep()).toMatchObject({ found: 0, moved: 1 })
  await addressIs('203.0.113.2:25565')
  expect(await seller.serverOf('o-1')).toMatchObject({
    status: 'provisioned',
    nodeId: 2,
    allocationId: 51,
    movedRegion: null,
  })
  const [before, after] = (await seller.statesOf('o-1')).slice(-2)
  expect(after).toMatchObject({
    version: (before?.version ?? 0) + 1,
    status: 'provisioned',
    address: '203.0.113.2:25565',
    node_id: 2,
  })
  expect(after).not.toHaveProperty('region')
  expect((await seller.publishedFor('o-1')).at(-1)).toBe('server.provisioned')
  // Until the panel's sums have it there.
  await eventually(async () =>
    expect(await seller.prisma.allocationClaim.findMany({ where: { orderId: 'o-1' } })).toMatchObject([
      { nodeId: 2, allocationId: 51, memory: 2048, disk: 10_240, cpu: 100, onPanelAt: expect.any(Date) },
    ]),
  )
  await settled()
  expect(await sweep()).toMatchObject({ found: 0, moved: 0 })
})

test('while a transfer runs, and after one that failed, nothing has changed', async () => {
  const before = await seller.publishedFor('o-1')
  seller.panel.change({ transfers: [{ server: idOf(), node: 2, allocation: 51 }] })
  expect(seller.onPanel('o-1')[0]?.allocations).toEqual([expect.any(Number), 51])
  expect(await sweep()).toMatchObject({ found: 0, moved: 0 })
  seller.panel.change({ endTransfers: [{ server: idOf(), successful: false }] })
  expect(await sweep()).toMatchObject({ found: 0, moved: 0 })
  expect(await seller.publishedFor('o-1')).toEqual(before)
})

test('another port, ip or alias of a server is taken over', async () => {
  const [own] = seller.onPanel('o-1')
  const id = own?.allocation ?? 0
  seller.panel.change({ allocations: [{ id, ip_alias: 'play.example.com' }] })
  expect(await sweep()).toMatchObject({ found: 0, moved: 1 })
  await addressIs('play.example.com:25565')
  await settled()
  seller.panel.change({ allocations: [{ id, ip_alias: null, ip: '203.0.113.99' }] })
  await sweep()
  await addressIs('203.0.113.99:25565')
  await settled()
  const added = await seller.byHand('PATCH', `/servers/${idOf()}/build`, {
    allocation: id,
    limits: { memory: 2048, swap: 0, disk: 10240, io: 500, cpu: 100 },
    feature_limits: { databases: 0, backups: 0, allocations: 0 },
    add_allocations: [30],
  })
  expect(added.status).toBe(200)
  seller.panel.change({ servers: [{ id: idOf(), allocation_id: 30 }] })
  await sweep()
  await addressIs('203.0.113.1:25594')
})

test('a server on all addresses of its node follows the name of the node, at one call for all', async () => {
  const id = seller.onPanel('o-1')[0]?.allocation ?? 0
  seller.panel.change({ allocations: [{ id, ip: '0.0.0.0' }], nodes: [{ id: 1, fqdn: 'fra-1.example.com' }] })
  await sweep()
  await addressIs('fra-1.example.com:25565')
  await settled()
  expect(await sweep()).toMatchObject({ moved: 0 })
  await seller.sell(paidOrder('o-2'))
  await seller.provisioned('o-2')
  await settled('o-2')
  const [own] = seller.onPanel('o-2')
  seller.panel.change({
    allocations: [{ id: own?.allocation ?? 0, ip: '0.0.0.0' }],
    nodes: [{ id: 1, fqdn: 'de-1.example.com' }],
  })
  expect(await sweep()).toMatchObject({ moved: 2 })
  await addressIs('de-1.example.com:25565')
  await addressIs('de-1.example.com:25566', 'o-2')
})

test('a node of one other region: the server is in that one, and its events say so until its order is too', async () => {
  await seller.send('PUT', '/admin/region-nodes/us', { nodes: [3] })
  transfer(3, 101)
  expect(await sweep()).toMatchObject({ found: 0, moved: 1 })
  await addressIs('203.0.113.3:25565')
  expect((await seller.statesOf('o-1')).at(-1)).toMatchObject({ node_id: 3, region: 'us' })
  await settled()
  await seller.sell(paidOrder('o-1', { version: 3, region: 'us' }), 'order.changed')
  await eventually(async () =>
    expect(await seller.serverOf('o-1')).toMatchObject({ orderVersion: 3, movedRegion: null }),
  )
  await settled()
  expect(await sweep()).toMatchObject({ found: 0, moved: 0 })
})

test('a node of no region, or of several, is a drift until the regions say where the server is', async () => {
  transfer(3, 101)
  await sweep()
  await addressIs('203.0.113.3:25565')
  await settled()
  await sweep()
  expect(await findings()).toEqual([expect.stringMatching(/moved to node 3, which is in no region: PUT/)])
  await seller.send('PUT', '/admin/region-nodes/us', { nodes: [3] })
  await seller.send('PUT', '/admin/region-nodes/asia', { nodes: [3] })
  await sweep()
  expect(await findings()).toEqual([expect.stringMatching(/in the regions asia, us: .*\/o-1\/change-region/)])
  expect((await seller.statesOf('o-1')).at(-1)).not.toHaveProperty('region')
  await seller.send('PUT', '/admin/region-nodes/asia', { nodes: [2] })
  expect(await sweep()).toMatchObject({ found: 0, over: 1, moved: 1 })
  await eventually(async () => expect((await seller.statesOf('o-1')).at(-1)).toMatchObject({ region: 'us' }))
})

test('a server whose own port was taken away keeps its address, and a person is told', async () => {
  const [own] = seller.onPanel('o-1')
  const before = (await seller.serverOf('o-1')).address
  seller.panel.change({ allocations: [{ id: own?.allocation ?? 0, server_id: null }] })
  expect(await sweep()).toMatchObject({ found: 1, moved: 0 })
  expect(await findings()).toEqual([
    expect.stringMatching(/its own port \(allocation \d+\) is not one of its/),
  ])
  expect(await seller.serverOf('o-1')).toMatchObject({ address: before })
})

test('a server that moved and was suspended by hand waits for the person who decides about that', async () => {
  transfer(2, 51)
  seller.panel.change({ servers: [{ id: idOf(), status: 'suspended' }] })
  expect(await sweep()).toMatchObject({ found: 1, moved: 0 })
  expect(await seller.serverOf('o-1')).toMatchObject({ status: 'provisioned', nodeId: 1 })
  seller.panel.change({ servers: [{ id: idOf(), status: null }] })
  expect(await sweep()).toMatchObject({ found: 0, moved: 1 })
  await addressIs('203.0.113.2:25565')
})

test('variables that name ports of before are a drift', async () => {
  await seller.send('PUT', '/admin/plan-specs/ported', {
    ptero_egg_id: 2,
    limits: { memory: 1024, disk: 1024 },
    environment: { RCON_PASS: 'secret' },
    ports: [{ variable: 'RCON_PORT', offset: 1 }],
  })
  await seller.sell(paidOrder('o-2', { plan: 'ported' }))
  await seller.provisioned('o-2')
  await settled('o-2')
  const id = seller.onPanel('o-2')[0]?.id ?? 0
  seller.panel.change({
    transfers: [{ server: id, node: 2, allocation: 60, additional: [61] }],
    endTransfers: [{ server: id, successful: true }],
  })
  expect(await sweep()).toMatchObject({ found: 1, moved: 1 })
  expect(await findings()).toEqual([expect.stringMatching(/^RCON_PORT \(\d+\) names no port of its own/)])
  await addressIs('203.0.113.2:25574', 'o-2')
})

function transfer(node: number, allocation: number): void {
  seller.panel.change({ transfers: [{ server: idOf(), node, allocation }] })
  seller.panel.change({ endTransfers: [{ server: idOf(), successful: true }] })
}

async function sweep(): Promise<unknown> {
  return await (await seller.send('POST', '/admin/drifts/sweep')).json()
}

async function findings(): Promise<string[]> {
  const answer = await seller.send('GET', '/admin/drifts?state=open')
  return ((await answer.json()) as { data: { finding: string }[] }).data.map(({ finding }) => finding)
}

async function addressIs(address: string, orderId = 'o-1'): Promise<void> {
  await eventually(async () => expect((await seller.statesOf(orderId)).at(-1)).toMatchObject({ address }))
}

// A sweep compares only what nobody works on.
async function settled(orderId = 'o-1'): Promise<void> {
  await eventually(async () =>
    expect(await seller.serverOf(orderId)).toMatchObject({ nextAttemptAt: null, leaseToken: null }),
  )
}

function idOf(): number {
  return seller.onPanel('o-1')[0]?.id ?? 0
}
