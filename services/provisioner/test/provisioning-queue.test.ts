import { eventually } from '@spawnpoint/stack'
import { afterEach, expect, test } from 'vitest'
import { fullWorld } from './full-environment.ts'
import { openSeller, paidOrder, type Seller } from './seller.ts'

let seller: Seller

afterEach(() => seller[Symbol.asyncDispose]())

test('the queue is first come, first served, and causes no panel calls meanwhile', async () => {
  seller = await openSeller({ world: fullWorld([{ memory: 2 * 2_048, ports: 50 }]) })
  const ids = ['o-0', 'o-1', 'o-2', 'o-3', 'o-4']
  for (const id of ids) {
    await seller.sell(paidOrder(id))
    await eventually(async () => {
      expect(await seller.serverOf(id)).toMatchObject({
        status: expect.stringMatching(/provisioned|waiting/),
      })
    })
  }
  await queued(['o-2', 'o-3', 'o-4'])
  const [first] = seller.onPanel('o-0')
  seller.panel.change({ delete: { servers: [first?.id ?? 0] } })
  await seller.provisioned('o-2')
  await queued(['o-3', 'o-4'])
  seller.panel.change({ nodes: [{ id: 1, memory: 3 * 2_048 }] })
  await seller.provisioned('o-3')
  await queued(['o-4'])
  const looks = seller.calls(/servers/)
  const sweeps = seller.calls(/nodes/)
  await eventually(() => expect(seller.calls(/nodes/)).toBeGreaterThan(sweeps + 4))
  expect(seller.calls(/servers/)).toBe(looks)
  await eventually(async () =>
    expect(await seller.serverOf('o-4')).toMatchObject({ attempts: 0, nextAttemptAt: null }),
  )
  expect(await seller.publishedFor('o-4')).toEqual(['server.waiting'])
})

test('a server that does not fit lets a smaller one pass, and is placed when it fits', async () => {
  seller = await openSeller({ world: fullWorld([{ memory: 3_000, ports: 50 }]) })
  await seller.send('PUT', '/admin/plan-specs/large', {
    ptero_egg_id: 1,
    limits: { memory: 4_096, disk: 1_024 },
  })
  await seller.sell(paidOrder('large', { plan: 'large' }))
  await eventually(async () => expect(await waiting()).toEqual(['large']))
  await seller.sell(paidOrder('small'))
  await seller.provisioned('small')
  await seller.send('PUT', '/admin/region-nodes/eu', { nodes: [1] })
  seller.panel.change({ nodes: [{ id: 1, memory: 8_192 }] })
  await seller.provisioned('large')
})

test('a server that vanishes from a panel that is full since waits for its turn', async () => {
  seller = await openSeller({ world: fullWorld([{ memory: 3_000, ports: 50 }]) })
  await seller.sell(paidOrder('o-1'))
  await seller.provisioned('o-1')
  const [server] = seller.onPanel('o-1')
  seller.panel.change({ delete: { servers: [server?.id ?? 0] }, nodes: [{ id: 1, memory: 1_000 }] })
  await seller.viewIsNew()
  const provision = () => seller.send('POST', '/api/servers/provision', { order_id: 'o-1' })
  await provision()
  await eventually(async () =>
    expect(await seller.serverOf('o-1')).toMatchObject({ errorClass: 'server_missing' }),
  )
  await provision()
  await eventually(async () => expect(await waiting()).toEqual(['o-1']))
  expect(await seller.serverOf('o-1')).toMatchObject({ pteroServerId: null, address: null })
  seller.panel.change({ nodes: [{ id: 1, memory: 3_000 }] })
  await seller.provisioned('o-1')
})

test('a server that waits for configuration continues as soon as it is set', async () => {
  seller = await openSeller()
  await seller.sell(paidOrder('o-1', { plan: 'new', region: 'new' }))
  await reason('o-1', 'plan_without_spec')
  await seller.send('PUT', '/admin/plan-specs/new', {
    ptero_egg_id: 1,
    limits: { memory: 1_024, disk: 1_024 },
  })
  await reason('o-1', 'region_without_nodes')
  await seller.send('PUT', '/admin/region-nodes/new', { nodes: [3] })
  await seller.provisioned('o-1')
  expect(await seller.prisma.waiting.count()).toBeLessThan(2)
})

test('a server that was queued for too long needs a person, and starts again by hand', async () => {
  seller = await openSeller({
    world: fullWorld([{ memory: 1_000, ports: 50 }]),
    env: { WAIT_DEADLINE_HOURS: String(1_000 / 3_600_000 / 0.02) },
  })
  await seller.sell(paidOrder('o-1'))
  await eventually(async () => {
    expect(await seller.serverOf('o-1')).toMatchObject({
      status: 'failed',
      errorClass: 'no_capacity_deadline',
      errorMessage: expect.stringContaining('2048 MiB'),
    })
  })
  expect(await seller.publishedFor('o-1')).toEqual(['server.waiting', 'server.failed'])
  seller.panel.change({ nodes: [{ id: 1, memory: 4_096 }] })
  await seller.viewIsNew()
  await seller.send('POST', '/api/servers/provision', { order_id: 'o-1' })
  await seller.provisioned('o-1')
})

// Whose turn it is for a moment is looked at, and waits on.
async function queued(ids: string[]): Promise<void> {
  await eventually(async () => expect(await waiting()).toEqual(ids))
}

async function waiting(): Promise<string[]> {
  const rows = await seller.prisma.server.findMany({
    where: { status: 'waiting', nextAttemptAt: null },
    orderBy: { orderId: 'asc' },
  })
  return rows.map(({ orderId }) => orderId)
}

async function reason(orderId: string, errorClass: string): Promise<void> {
  await eventually(async () => expect(await seller.serverOf(orderId)).toMatchObject({ errorClass }))
}
