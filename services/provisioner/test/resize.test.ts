import { eventually } from '@spawnpoint/stack'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

const large = { memory: 4096, swap: -1, disk: 20480, io: 700, cpu: 200 }

let seller: Seller

beforeAll(async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
  await seller.send('PUT', '/admin/plan-specs/large', {
    ptero_egg_id: 1,
    limits: large,
    feature_limits: { databases: 2, backups: 3, allocations: 0 },
    environment: { BUILD_NUMBER: '42' },
  })
})

afterEach(() => {
  seller.panel.removeFaults()
})

afterAll(() => seller[Symbol.asyncDispose]())

test('another plan gives the server its limits, and leaves everything else as it is', async () => {
  const before = await bought('o-1')
  await changePlan('o-1', 'large')
  await eventually(async () => expect(await seller.publishedFor('o-1')).toContain('server.resized'))
  const [after] = seller.onPanel('o-1')
  expect(after).toMatchObject({
    ...before,
    limits: { ...large, oom_disabled: false },
    feature_limits: { databases: 2, backups: 3, allocations: 0 },
    container: { environment: { BUILD_NUMBER: '42' } },
    updated_at: after?.updated_at,
  })
  expect((await seller.statesOf('o-1')).at(-1)).toMatchObject({ status: 'provisioned', plan: 'large' })
  await settled('o-1')
})

test('what the customer has set by himself survives another plan', async () => {
  const { id, container } = await bought('o-2')
  const environment = { ...container.environment, MINECRAFT_VERSION: '1.20.4' }
  const { image, startup_command: startup } = container
  await seller.byHand('PATCH', `/servers/${id}/startup`, {
    startup,
    image,
    egg: 1,
    environment,
    skip_scripts: false,
  })
  await changePlan('o-2', 'large')
  await eventually(() =>
    expect(seller.onPanel('o-2')).toMatchObject([
      { container: { environment: { MINECRAFT_VERSION: '1.20.4', BUILD_NUMBER: '42' } } },
    ]),
  )
})

test('a plan of another game leaves the server as it is, and says why', async () => {
  await seller.send('PUT', '/admin/plan-specs/rust', {
    ptero_egg_id: 2,
    limits: large,
    environment: { RCON_PASS: 'example-password' },
  })
  const before = await bought('o-3')
  await changePlan('o-3', 'rust')
  await eventually(async () =>
    expect((await seller.statesOf('o-3')).at(-1)).toMatchObject({
      status: 'provisioned',
      plan: 'small',
      error_class: 'other_egg',
      error_message: expect.stringContaining('another egg (2)'),
    }),
  )
  expect(seller.onPanel('o-3')).toEqual([before])
})

test('without capacity on its node a server stays as it is, publishes that once, and is resized when there is capacity', async () => {
  const { id, node } = await bought('o-4')
  const { memory } = seller.panel.state().nodes.find((one) => one.id === node) ?? { memory: 0 }
  seller.panel.change({ nodes: [{ id: node, memory: 3_000 }] })
  await changePlan('o-4', 'large')
  await eventually(async () => expect((await seller.serverOf('o-4')).attempts).toBeGreaterThan(3))
  expect(await seller.publishedFor('o-4')).toEqual([
    'server.provisioning',
    'server.provisioned',
    'server.waiting',
  ])
  expect((await seller.statesOf('o-4')).at(-1)).toMatchObject({
    status: 'provisioned',
    error_class: 'no_capacity',
    ptero_server_id: id,
    plan: 'small',
  })
  expect(seller.onPanel('o-4')).toMatchObject([{ limits: { memory: 2048 } }])
  seller.panel.change({ nodes: [{ id: node, memory }] })
  await eventually(() => expect(seller.onPanel('o-4')).toMatchObject([{ limits: { memory: 4096 } }]))
  await settled('o-4')
})

test('what kept it from a larger plan is over for everybody once its order has the plan before again', async () => {
  const { node } = await bought('o-10')
  const { memory } = seller.panel.state().nodes.find((one) => one.id === node) ?? { memory: 0 }
  seller.panel.change({ nodes: [{ id: node, memory: 3_000 }] })
  await changePlan('o-10', 'large')
  await eventually(async () =>
    expect((await seller.statesOf('o-10')).at(-1)).toMatchObject({ error_class: 'no_capacity' }),
  )
  await seller.sell(paidOrder('o-10', { version: 4 }), 'order.changed')
  await eventually(async () =>
    expect((await seller.statesOf('o-10')).at(-1)).toMatchObject({
      status: 'provisioned',
      plan: 'small',
      error_class: null,
      error_message: null,
    }),
  )
  seller.panel.change({ nodes: [{ id: node, memory }] })
})

test.each([
  ['/build$', 2048],
  ['/startup$', 4096],
])(
  'a change that the panel refuses for good (%s) leaves the server running, says why, and can be taken back',
  async (path, memory) => {
    const id = `o-refused-${memory}`
    await bought(id)
    seller.panel.addFault({ when: { method: 'PATCH', path }, do: { kind: 'status', status: 400 } })
    await changePlan(id, 'large')
    await eventually(async () =>
      expect((await seller.statesOf(id)).at(-1)).toMatchObject({
        status: 'provisioned',
        plan: 'small',
        error_class: 'panel_refused',
      }),
    )
    expect(seller.onPanel(id)).toMatchObject([{ status: null, limits: { memory } }])
    expect(await seller.publishedFor(id)).not.toContain('server.failed')
    seller.panel.removeFaults()
    await seller.sell(paidOrder(id, { version: 4 }), 'order.changed')
    await eventually(async () => {
      expect(await seller.serverOf(id)).toMatchObject({ orderVersion: 4, errorClass: null })
      expect(seller.onPanel(id)).toMatchObject([{ limits: { memory: 2048 } }])
    })
  },
)

test('a plan whose egg is gone meanwhile leaves the server running, and says why', async () => {
  const before = await bought('o-11')
  const spec = { ptero_egg_id: 99, limits: large, environment: {} }
  await seller.send('PUT', '/admin/plan-specs/gone', spec)
  await changePlan('o-11', 'gone')
  await eventually(async () =>
    expect((await seller.statesOf('o-11')).at(-1)).toMatchObject({
      status: 'provisioned',
      error_class: 'egg_missing',
    }),
  )
  expect(seller.onPanel('o-11')).toEqual([before])
})

test('where the seller has no more cpu on its node, a plan with more of it is waited for', async () => {
  const { node } = await bought('o-9')
  const sold = seller.panel
    .state()
    .servers.reduce((sum, one) => sum + (one.node === node ? one.limits.cpu : 0), 0)
  const others = [1, 2].filter((id) => id !== node)
  const nodes = (cpu: number) => ({ nodes: [{ node_id: node, cpu }, ...others] })
  await seller.send('PUT', '/admin/region-nodes/eu', nodes(sold + 99))
  await changePlan('o-9', 'large')
  await eventually(async () =>
    expect(await seller.serverOf('o-9')).toMatchObject({ errorClass: 'no_capacity', status: 'provisioned' }),
  )
  expect(seller.onPanel('o-9')).toMatchObject([{ limits: { cpu: 100 } }])
  await seller.send('PUT', '/admin/region-nodes/eu', nodes(sold + 100))
  await settled('o-9')
  expect(seller.onPanel('o-9')).toMatchObject([{ limits: large }])
  await seller.send('PUT', '/admin/region-nodes/eu', { nodes: [1, 2] })
})

test('an unanswered change is sent once more when it is no longer in doubt', async () => {
  await bought('o-5')
  seller.panel.addFault({ when: { path: '/build$', times: 1 }, do: { kind: 'lost-response' } })
  await changePlan('o-5', 'large')
  await settled('o-5')
  expect(seller.onPanel('o-5')).toMatchObject([{ limits: large }])
  expect((await seller.publishedFor('o-5')).filter((type) => type === 'server.resized')).toHaveLength(1)
})

test('a suspended server is resized and stays suspended', async () => {
  await bought('o-6')
  await seller.sell(paidOrder('o-6', { version: 3, desired: 'suspended', plan: 'large' }), 'order.suspended')
  await settled('o-6')
  expect(seller.onPanel('o-6')).toMatchObject([{ status: 'suspended', limits: large }])
  expect(await seller.publishedFor('o-6')).toContain('server.resized')
  expect((await seller.statesOf('o-6')).at(-1)).toMatchObject({ status: 'suspended', plan: 'large' })
})

test('another name and owner reach the panel, and its external id stays', async () => {
  const { id, user } = await bought('o-7')
  seller.panel.change({ servers: [{ id, description: 'By hand' }] })
  const customer = { id: 'c-7', email: 'new-owner@example.com', name: 'New Owner' }
  await seller.sell(paidOrder('o-7', { version: 3, server_name: 'Castle', customer }), 'order.changed')
  await settled('o-7')
  const [server] = seller.onPanel('o-7')
  expect(server).toMatchObject({ id, name: 'Castle', external_id: 'o-7', description: 'By hand' })
  const owner = seller.panel.state().users.find((one) => one.id === server?.user)
  expect(owner).toMatchObject({ email: 'new-owner@example.com' })
  expect(server?.user).not.toBe(user)
  expect(await seller.serverOf('o-7')).toMatchObject({ pteroUserId: owner?.id })
})

test('an unconfirmed name is sent again', async () => {
  await bought('o-8')
  seller.panel.addFault({ when: { path: '/details$', times: 1 }, do: { kind: 'status', status: 500 } })
  await seller.sell(paidOrder('o-8', { version: 3, server_name: 'Castle' }), 'order.changed')
  await settled('o-8')
  expect(seller.onPanel('o-8')).toMatchObject([{ name: 'Castle', external_id: 'o-8' }])
})

async function bought(orderId: string) {
  await seller.sell(paidOrder(orderId))
  await seller.provisioned(orderId)
  const [server] = seller.onPanel(orderId)
  if (!server) throw new Error(`Nothing was made for ${orderId}`)
  return server
}

function changePlan(orderId: string, plan: string): Promise<void> {
  return seller.sell(paidOrder(orderId, { version: 3, plan }), 'order.changed')
}

async function settled(orderId: string): Promise<void> {
  await eventually(
    async () =>
      expect(await seller.serverOf(orderId)).toMatchObject({
        orderVersion: 3,
        nextAttemptAt: null,
        leaseToken: null,
        errorClass: null,
      }),
    { timeoutMs: 20_000 },
  )
}
