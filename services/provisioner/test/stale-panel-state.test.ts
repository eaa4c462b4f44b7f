import { againAfterRaces } from '@spawnpoint/database'
import { eventually } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

// What we remember of the panel, and an administrator has changed there by hand.

const customer = { id: 'c-1', email: 'c-1@example.com', name: 'C One' }

let seller: Seller

beforeEach(async () => {
  seller = await openSeller()
})

afterEach(() => seller[Symbol.asyncDispose]())

test('a customer whose user is gone gets a new one, and the server without a pause', async () => {
  seller.panel.planInstalls({ mode: 'at-once' })
  await seller.sell(paidOrder('o-1', { customer }))
  await seller.provisioned('o-1')
  const user = seller.panel.state().users.find(({ email }) => email === customer.email)
  seller.panel.change({ delete: { servers: allServers(), users: [user?.id ?? 0] } })
  await seller.sell(paidOrder('o-2', { customer }))
  await seller.provisioned('o-2')
  // The create that the panel refused, and the one after it.
  expect(await seller.serverOf('o-2')).toMatchObject({ generation: 2, attempts: 0 })
  expect(seller.onPanel('o-2')[0]?.user).not.toBe(user?.id)
})

test('a plan whose egg is gone fails with that name, and goes on by hand with another egg', async () => {
  await seller.sell(paidOrder('o-1'))
  await seller.provisioned('o-1')
  seller.panel.change({ delete: { servers: allServers(), eggs: [1] } })
  await seller.sell(paidOrder('o-2'))
  await eventually(async () => {
    expect(await seller.serverOf('o-2')).toMatchObject({
      status: 'failed',
      errorClass: 'egg_missing',
      errorMessage: expect.stringContaining('provision the order again'),
    })
  })
  await seller.send('PUT', '/admin/plan-specs/small', {
    ptero_egg_id: 2,
    limits: { memory: 1024, disk: 1024 },
    environment: { RCON_PASS: 'example-password' },
  })
  await seller.send('POST', '/api/servers/provision', { order_id: 'o-2' })
  await seller.provisioned('o-2')
})

test('a node that is gone is skipped', async () => {
  seller.panel.change({ delete: { nodes: [1], allocations: portsOf(1) } })
  for (const id of ['o-1', 'o-2', 'o-3']) await seller.sell(paidOrder(id))
  for (const id of ['o-1', 'o-2', 'o-3']) await seller.provisioned(id)
  expect(new Set(seller.panel.state().servers.map(({ node }) => node))).toEqual(new Set([2]))
})

test('a region whose nodes are all gone is waited for by that name', async () => {
  seller.panel.change({ delete: { nodes: [1, 2], allocations: [...portsOf(1), ...portsOf(2)] } })
  await seller.sell(paidOrder('o-1'))
  await eventually(async () => {
    expect(await seller.serverOf('o-1')).toMatchObject({ status: 'waiting', errorClass: 'nodes_missing' })
  })
  await seller.send('PUT', '/admin/region-nodes/eu', { nodes: [3] })
  await seller.provisioned('o-1')
})

test('a reservation on a node that disappears is replaced by one elsewhere', async () => {
  await seller.send('PUT', '/admin/region-nodes/eu', { nodes: [1] })
  seller.panel.breakWings({ on: 'create', fault: 'refused' })
  await seller.sell(paidOrder('o-1'))
  await eventually(async () => {
    expect(await seller.serverOf('o-1')).toMatchObject({ errorClass: 'node_unreachable' })
  })
  seller.panel.change({ delete: { nodes: [1], allocations: portsOf(1) } })
  seller.panel.healWings()
  await seller.send('PUT', '/admin/region-nodes/eu', { nodes: [2] })
  // Not before the unanswered create can no longer land.
  await seller.provisioned('o-1', 50_000)
  expect(seller.onPanel('o-1')[0]?.node).toBe(2)
}, 60_000)

test('a port that is taken between observation and create is replaced', async () => {
  await seller.sell(paidOrder('o-1'))
  await seller.provisioned('o-1')
  const [neighbour] = seller.onPanel('o-1')
  seller.panel.addFault({
    when: { method: 'POST', path: '/servers$', times: 1 },
    do: { kind: 'slow', ms: 20_000 },
  })
  await seller.sell(paidOrder('o-2'))
  const claim = await eventually(() =>
    seller.prisma.allocationClaim.findFirstOrThrow({ where: { orderId: 'o-2' } }),
  )
  seller.panel.change({ allocations: [{ id: claim.allocationId, server_id: neighbour?.id ?? null }] })
  await seller.provisioned('o-2')
  expect(seller.onPanel('o-2')[0]?.allocation).not.toBe(claim.allocationId)
  expect(await seller.serverOf('o-2')).toMatchObject({ generation: 2 })
})

test('a number that the panel gives to another server after a restore is not taken for ours', async () => {
  await seller.sell(paidOrder('o-1'))
  await seller.provisioned('o-1')
  const [ours] = seller.onPanel('o-1')
  seller.panel.change({ servers: [{ id: ours?.id ?? 0, external_id: 'somebody-else' }] })
  // As if another stood there: its number is ours, and it is not.
  await againAfterRaces(() =>
    seller.prisma.server.update({ where: { orderId: 'o-1' }, data: { pteroUuid: 'gone-in-the-restore' } }),
  )
  const provision = () => seller.send('POST', '/api/servers/provision', { order_id: 'o-1' })
  await provision()
  await eventually(async () =>
    expect(await seller.serverOf('o-1')).toMatchObject({ errorClass: 'server_missing' }),
  )
  await provision()
  await eventually(() => expect(seller.onPanel('o-1')).toMatchObject([{ status: null }]))
  expect(seller.onPanel('somebody-else')).toMatchObject([{ id: ours?.id }])
})

test('a server whose external id was changed by hand is still recognised', async () => {
  await seller.sell(paidOrder('o-1'))
  await seller.provisioned('o-1')
  const [ours] = seller.onPanel('o-1')
  seller.panel.change({ servers: [{ id: ours?.id ?? 0, external_id: 'by-hand' }] })
  await seller.send('POST', '/api/servers/provision', { order_id: 'o-1' })
  await eventually(async () => expect(await seller.serverOf('o-1')).toMatchObject({ nextAttemptAt: null }))
  expect(await seller.serverOf('o-1')).toMatchObject({ status: 'provisioned', generation: 1 })
  expect(seller.panel.state().servers).toHaveLength(1)
})

test.each([
  ['terminated', 'order.ended'],
  ['suspended', 'order.suspended'],
] as const)(
  'a server that was given the external id of an order that is %s is not touched for it',
  async (desired, type) => {
    await exchangeIds()
    const [theirs] = seller.onPanel('o-2')
    const status = desired
    await seller.sell(paidOrder('o-2', { version: 3, customer, desired, status }), type)
    await seller.becomes('o-2', status)
    expect(seller.onPanel('o-2')).toEqual([theirs])
    const rest = seller.panel.state().servers.filter(({ id }) => id !== theirs?.id)
    expect(rest).toMatchObject(desired === 'terminated' ? [] : [{ external_id: null, status: 'suspended' }])
  },
)

test('an order whose external id was given to the server of another is told so, once its own is gone', async () => {
  const own = await exchangeIds()
  seller.panel.change({ delete: { servers: [own] } })
  await seller.send('POST', '/api/servers/provision', { order_id: 'o-2' })
  await eventually(async () =>
    expect(await seller.serverOf('o-2')).toMatchObject({
      errorClass: 'external_id_taken',
      errorMessage: expect.stringContaining('is the server of the order o-1'),
    }),
  )
  const swept = await seller.send('POST', '/admin/drifts/sweep')
  expect(await swept.json()).toMatchObject({ found: 1 })
})

/** The server of o-1 has the external id of o-2, and that of o-2, whose number is returned, has none. */
async function exchangeIds(): Promise<number> {
  for (const id of ['o-1', 'o-2']) {
    await seller.sell(paidOrder(id, { customer }))
    await seller.provisioned(id)
    await eventually(async () => expect(await seller.serverOf(id)).toMatchObject({ nextAttemptAt: null }))
  }
  const [own = 0, theirs = 0] = ['o-2', 'o-1'].map((id) => seller.onPanel(id)[0]?.id)
  seller.panel.change({
    servers: [
      { id: own, external_id: null },
      { id: theirs, external_id: 'o-2' },
    ],
  })
  return own
}

function allServers(): number[] {
  return seller.panel.state().servers.map(({ id }) => id)
}

function portsOf(nodeId: number): number[] {
  return seller.panel
    .state()
    .allocations.filter(({ node }) => node === nodeId)
    .map(({ id }) => id)
}
