import { demoPanel as demoWorld } from '@spawnpoint/panel-simulator'
import { eventually } from '@spawnpoint/stack'
import { afterEach, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

// What real panels were seen to do.

let seller: Seller

afterEach(() => seller[Symbol.asyncDispose]())

test('a server that vanishes while it is installed is made again', async () => {
  seller = await openSeller({ install: { mode: 'never' } })
  await seller.sell(paidOrder('o-1'))
  await seller.becomes('o-1', 'provisioning')
  const [first] = seller.onPanel('o-1')
  seller.panel.planInstalls({ mode: 'at-once' })
  // As when the create that made it fails after all.
  seller.panel.change({ delete: { servers: [first?.id ?? 0] } })
  await seller.provisioned('o-1')
  expect(await seller.serverOf('o-1')).toMatchObject({
    generation: 2,
    pteroServerId: seller.onPanel('o-1')[0]?.id,
  })
})

test('a 201 that calls an installed server installing is not waited for', async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
  await seller.sell(paidOrder('o-1'))
  await seller.provisioned('o-1')
  expect(await seller.publishedFor('o-1')).toEqual(['server.provisioning', 'server.provisioned'])
  // One page right after the create.
  expect(seller.calls(/GET .*servers/)).toBe(1)
})

test('a 201 of a server that was suspended by hand meanwhile is not taken for running', async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
  seller.panel.breakWings({ on: 'create', fault: { kind: 'slow', ms: 14_000 } })
  await seller.sell(paidOrder('o-1'))
  await eventually(() => expect(seller.onPanel('o-1')).toHaveLength(1))
  const [server] = seller.onPanel('o-1')
  seller.panel.change({ servers: [{ id: server?.id ?? 0, status: 'suspended' }] })
  await seller.becomes('o-1', 'failed')
  expect(await seller.serverOf('o-1')).toMatchObject({ errorClass: 'suspended_on_panel' })
})

test('of two creates that were never answered either may have made the server: it gets the plan that its order has by now', async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
  await seller.send('PUT', '/admin/plan-specs/large', {
    ptero_egg_id: 1,
    limits: { memory: 4096, disk: 20480, io: 500, cpu: 200 },
  })
  // Longer than we wait for them: the panel makes the first one, and refuses the second.
  seller.panel.addFault({
    when: { method: 'POST', path: '/servers$', times: 2 },
    do: { kind: 'slow', ms: 130_000 },
  })
  await seller.sell(paidOrder('o-1'))
  await eventually(async () => expect(await seller.serverOf('o-1')).toMatchObject({ generation: 1 }))
  await seller.sell(paidOrder('o-1', { version: 3, plan: 'large', server_name: 'Castle' }), 'order.changed')
  await seller.provisioned('o-1')
  expect(await seller.serverOf('o-1')).toMatchObject({ generation: 2 })
  await eventually(() =>
    expect(seller.onPanel('o-1')).toMatchObject([{ name: 'Castle', limits: { memory: 4096, cpu: 200 } }]),
  )
})

test('a port that the panel shows as free but refuses is skipped', async () => {
  const world = demoWorld()
  const ports = world.allocations.filter(({ node_id }) => node_id === 1).slice(0, 3)
  seller = await openSeller({ install: { mode: 'at-once' }, world: { ...world, allocations: ports } })
  await seller.sell(paidOrder('o-1'))
  await seller.provisioned('o-1')
  const [first] = seller.onPanel('o-1')
  // Another server had it as one of its own, and is gone.
  seller.panel.change({ allocations: [{ id: first?.allocation ?? 0, server_id: null }] })
  for (const id of ['o-2', 'o-3']) await seller.sell(paidOrder(id))
  for (const id of ['o-2', 'o-3']) await seller.provisioned(id, 20_000)
  const taken = seller.panel.state().servers.map(({ allocation }) => allocation)
  expect(new Set(taken).size).toBe(3)
})

test('concurrent new customers get a user each', async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
  const ids = Array.from({ length: 8 }, (_, index) => `o-${index}`)
  await Promise.all(ids.map((id) => seller.sell(paidOrder(id))))
  for (const id of ids) await seller.provisioned(id, 20_000)
  const emails = seller.panel.state().users.map(({ email }) => email)
  expect(emails.filter((email) => /^o-\d@/.test(email)).toSorted()).toEqual(
    ids.map((id) => `${id}@example.com`),
  )
})

test('a customer on the third page of those with a like address is found there', async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
  const users = Array.from({ length: 250 }, (_, index) => ({
    id: 100 + index,
    username: `u${index}`,
    email: `${index}-alex@example.com`,
    first_name: 'A',
    last_name: 'B',
  }))
  const alex = {
    ...users[0],
    id: 999,
    username: 'alex',
    email: 'alex@example.com',
    first_name: 'A',
    last_name: 'B',
  }
  seller.panel.change({ add: { users: [...users, alex] } })
  await seller.sell(paidOrder('o-1', { customer: { id: null, email: 'alex@example.com', name: 'Alex' } }))
  await seller.provisioned('o-1')
  expect(seller.onPanel('o-1')).toMatchObject([{ user: 999 }])
})
