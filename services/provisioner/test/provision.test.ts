import { demoPanel as demoWorld } from '@spawnpoint/panel-simulator'
import { eventually } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

let seller: Seller

beforeEach(async () => {
  seller = await openSeller()
})

afterEach(() => seller[Symbol.asyncDispose]())

test('a paid order becomes one installed server, with its events in order', async () => {
  await seller.sell(paidOrder('o-1'))
  await seller.provisioned('o-1')
  const [server] = seller.onPanel('o-1')
  expect(await seller.serverOf('o-1')).toMatchObject({
    pteroServerId: server?.id,
    pteroIdentifier: server?.identifier,
    address: expect.stringMatching(/^203\.0\.113\.[12]:\d+$/),
    errorClass: null,
  })
  expect(await seller.publishedFor('o-1')).toEqual(['server.provisioning', 'server.provisioned'])
})

test('an order of 70 KB is stored whole and gets its server', async () => {
  const environment = Object.fromEntries(Array.from({ length: 70 }, (_, n) => [`V_${n}`, 'x'.repeat(1_000)]))
  await seller.sell(paidOrder('o-1', { environment }))
  await seller.provisioned('o-1')
})

test('an older order event changes nothing', async () => {
  await seller.sell(paidOrder('o-1', { version: 3 }))
  await seller.provisioned('o-1')
  await seller.sell(paidOrder('o-1', { version: 2, desired: 'none', status: 'pending' }), 'order.placed')
  await eventually(async () => {
    expect(await seller.prisma.inbox.count({ where: { reason: 'older_version' } })).toBe(1)
  })
  expect(await seller.serverOf('o-1')).toMatchObject({ desired: 'running', orderVersion: 3 })
})

test('an order that is not paid gets nothing, not even by hand', async () => {
  await seller.sell(
    paidOrder('o-1', { desired: 'none', status: 'pending', billing_status: 'unpaid' }),
    'order.placed',
  )
  await eventually(() => seller.serverOf('o-1'))
  const answer = await seller.send('POST', '/api/servers/provision', { order_id: 'o-1' })
  expect(answer.status).toBe(409)
  expect(await answer.json()).toMatchObject({ code: 'order_unpaid' })
  expect((await seller.send('POST', '/api/servers/provision', { order_id: 'o-2' })).status).toBe(404)
  expect(seller.onPanel('o-1')).toEqual([])
})

test.each(['created-then-504', 'lost-response'] as const)(
  'a server whose create ended in %s is adopted, not made again',
  async (kind) => {
    seller.panel.addFault({ when: { method: 'POST', path: '/servers', times: 1 }, do: { kind } })
    await seller.sell(paidOrder('o-1'))
    await seller.provisioned('o-1')
    expect(seller.onPanel('o-1')).toHaveLength(1)
    expect(await seller.serverOf('o-1')).toMatchObject({ generation: 1 })
  },
)

test('a panel that is down is waited for', async () => {
  seller.panel.addFault({ do: { kind: 'refused' } })
  await seller.sell(paidOrder('o-1'))
  await eventually(async () => {
    expect(await seller.serverOf('o-1')).toMatchObject({ errorClass: 'panel_unreachable' })
  })
  seller.panel.removeFaults()
  await seller.provisioned('o-1')
})

test('a node that is down is waited for, and its half-made server is not counted as one', async () => {
  seller.panel.breakWings({ on: 'create', fault: 'refused' })
  await seller.sell(paidOrder('o-1'))
  await eventually(async () => {
    expect(await seller.serverOf('o-1')).toMatchObject({ errorClass: 'node_unreachable' })
  })
  seller.panel.healWings()
  await seller.provisioned('o-1')
})

test('a wrong key is reported as such, and counts against no order', async () => {
  seller.panel.addFault({ when: { path: '/users' }, do: { kind: 'status', status: 403 } })
  await seller.sell(paidOrder('o-1'))
  await eventually(async () => {
    expect(await seller.serverOf('o-1')).toMatchObject({
      errorClass: 'panel_auth',
      errorMessage: expect.stringContaining('PANEL_TOKEN'),
    })
  })
  seller.panel.removeFaults()
  await seller.provisioned('o-1')
})

test('provisioning pressed twenty times makes one server', async () => {
  await seller.sell(paidOrder('o-1'))
  await eventually(() => seller.serverOf('o-1'))
  const press = async () => (await seller.send('POST', '/api/servers/provision', { order_id: 'o-1' })).status
  expect(new Set(await Promise.all(Array.from({ length: 20 }, press)))).toEqual(new Set([202]))
  await seller.provisioned('o-1')
  await press()
  await eventually(async () => {
    expect(await seller.serverOf('o-1')).toMatchObject({ nextAttemptAt: null, leaseToken: null })
  })
  expect(seller.onPanel('o-1')).toHaveLength(1)
  expect(await seller.publishedFor('o-1')).toEqual(['server.provisioning', 'server.provisioned'])
})

test('a failed install is published, and continued by hand once it is repaired', async () => {
  seller.panel.planInstalls({ mode: 'fail', ms: 10 })
  await seller.sell(paidOrder('o-1'))
  await eventually(async () => {
    expect(await seller.serverOf('o-1')).toMatchObject({ status: 'failed', errorClass: 'install_failed' })
  })
  expect(await seller.publishedFor('o-1')).toEqual(['server.provisioning', 'server.failed'])
  const [server] = seller.onPanel('o-1')
  seller.panel.planInstalls({ mode: 'after', ms: 10 })
  await fetch(`${seller.panel.url}/api/application/servers/${server?.id}/reinstall`, {
    method: 'POST',
    headers: { authorization: `Bearer ${seller.panel.token}`, accept: 'application/json' },
  })
  await seller.send('POST', '/api/servers/provision', { order_id: 'o-1' })
  await seller.provisioned('o-1')
})

test('what the panel refuses for good fails at once, and goes on by hand when the plan is corrected', async () => {
  const spec = {
    ptero_egg_id: 1,
    limits: { memory: 1024, disk: 1024 },
    environment: { SERVER_JARFILE: 'no jar' },
  }
  await seller.send('PUT', '/admin/plan-specs/small', spec)
  await seller.sell(paidOrder('o-1'))
  await eventually(async () => {
    expect(await seller.serverOf('o-1')).toMatchObject({
      status: 'failed',
      errorClass: 'panel_refused',
      errorMessage: expect.stringContaining('Server Jar File'),
    })
  })
  await seller.send('PUT', '/admin/plan-specs/small', { ...spec, environment: {} })
  await seller.send('POST', '/api/servers/provision', { order_id: 'o-1' })
  await seller.provisioned('o-1')
  expect(await seller.publishedFor('o-1')).toEqual([
    'server.failed',
    'server.provisioning',
    'server.provisioned',
  ])
})

test('forty orders of ten customers become forty servers on ports of their own', async () => {
  const ids = Array.from({ length: 40 }, (_, index) => `o-${index}`)
  for (const [index, id] of ids.entries())
    await seller.sell(
      paidOrder(id, { customer: { id: `c-${index % 10}`, email: `c${index % 10}@example.com`, name: 'C' } }),
    )
  for (const id of ids) await seller.provisioned(id, 25_000)
  expect(seller.panel.state().servers).toHaveLength(40)
  expect(seller.panel.state().users.filter(({ email }) => /^c\d@/.test(email))).toHaveLength(10)
})

test('an order without capacity waits, publishes that once, and continues when there is capacity', async () => {
  await seller[Symbol.asyncDispose]()
  const world = demoWorld()
  seller = await openSeller({
    world: { ...world, nodes: world.nodes.map((node) => ({ ...node, memory: 5_000 })) },
  })
  const ids = ['o-1', 'o-2', 'o-3', 'o-4', 'o-5', 'o-6']
  for (const id of ids) await seller.sell(paidOrder(id))
  const waiting = await eventually(async () => {
    const rows = await seller.prisma.server.findMany({ where: { status: 'waiting', nextAttemptAt: null } })
    expect(rows).toHaveLength(2)
    return rows
  })
  // The last of the others may still be created.
  await eventually(() => expect(seller.panel.state().servers).toHaveLength(4))
  for (const { orderId } of waiting) expect(await seller.publishedFor(orderId)).toEqual(['server.waiting'])
  await seller.send('PUT', '/admin/region-nodes/eu', { nodes: [1, 2, { node_id: 3 }] })
  for (const id of ids) await seller.provisioned(id)
})
