import { readEvent } from '@spawnpoint/contracts'
import { againAfterRaces } from '@spawnpoint/database'
import { eventually } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { restoreServers } from '../src/store/restore.ts'
import { paidOrder } from './seller.ts'
import { openTwoPanels, put, type TwoPanels } from './two-panels.ts'

let two: TwoPanels

beforeEach(async () => {
  two = await openTwoPanels()
})

afterEach(() => two[Symbol.asyncDispose]())

const us = { region: 'us' }

test('orders of two regions end on the right panels, whatever numbers both of them give', async () => {
  const { seller, fra, onFra } = two
  const customer = { id: 'c-1', email: 'c-1@example.com', name: 'C One' }
  for (const n of [1, 2, 3]) {
    await seller.sell(paidOrder(`eu-${n}`, { customer }))
    await seller.sell(paidOrder(`us-${n}`, { ...us, customer }))
  }
  for (const n of [1, 2, 3]) await seller.provisioned(`eu-${n}`)
  for (const n of [1, 2, 3]) await seller.becomes(`us-${n}`, 'provisioned')
  expect(
    seller.panel
      .state()
      .servers.map(({ external_id, egg }) => [external_id, egg])
      .sort(),
  ).toEqual([
    ['eu-1', 1],
    ['eu-2', 1],
    ['eu-3', 1],
  ])
  expect(
    fra
      .state()
      .servers.map(({ external_id, egg }) => [external_id, egg])
      .sort(),
  ).toEqual([
    ['us-1', 2],
    ['us-2', 2],
    ['us-3', 2],
  ])
  // The same numbers on both, each for its own.
  const rows = await seller.prisma.server.findMany()
  const numbersOf = (panelId: string) =>
    rows.flatMap((row) => (row.panelId === panelId ? [row.pteroServerId] : [])).sort()
  expect(numbersOf('fra')).toEqual(numbersOf('main'))
  const places = await seller.prisma.allocationClaim.findMany()
  const portsOf = (panelId: string) =>
    places.flatMap((place) => (place.panelId === panelId ? [place.allocationId] : []))
  expect(portsOf('fra').some((id) => portsOf('main').includes(id))).toBe(true)
  expect(await seller.prisma.panelUser.count()).toBe(2)
  expect(onFra('us-1')[0]?.user).toBe(seller.onPanel('eu-1')[0]?.user)
  expect((await seller.statesOf('eu-1')).map((news) => news.panel)).toEqual([undefined, undefined])
  const { panel } = (await (await seller.send('GET', '/servers/us-1')).json()) as { panel: string }
  expect(panel).toBe('fra')
  expect((await seller.statesOf('us-1')).map((news) => news.panel)).toEqual(['fra', 'fra'])
})

test('a server is suspended, resized, renamed and deleted on its panel', async () => {
  const { seller, onFra } = two
  const order = (version: number, changes: object = {}) => paidOrder('us-1', { ...us, version, ...changes })
  await seller.sell(order(2))
  await seller.sell(paidOrder('eu-1'))
  await seller.becomes('us-1', 'provisioned')
  await seller.provisioned('eu-1')
  const [untouched] = seller.onPanel('eu-1')
  await put(seller, '/admin/plan-specs/large', {
    panel: 'fra',
    ptero_egg_id: 2,
    limits: { memory: 4096, swap: 0, disk: 10240, io: 500, cpu: 100 },
    environment: { RCON_PASS: 'example-password' },
  })
  await seller.sell(order(3, { plan: 'large', server_name: 'Castle' }), 'order.changed')
  await eventually(() => expect(onFra('us-1')).toMatchObject([{ name: 'Castle', limits: { memory: 4096 } }]))
  await seller.sell(order(4, { desired: 'suspended', plan: 'large' }), 'order.suspended')
  await eventually(() => expect(onFra('us-1')).toMatchObject([{ status: 'suspended' }]))
  await seller.sell(order(5, { desired: 'terminated', plan: 'large' }), 'order.ended')
  await seller.becomes('us-1', 'terminated')
  expect(onFra('us-1')).toEqual([])
  expect(seller.onPanel('eu-1')).toEqual([untouched])
})

test('a region that moves to another panel takes along servers without a create, and leaves existing ones', async () => {
  const { seller, onFra } = two
  await seller.sell(paidOrder('stands'))
  await seller.provisioned('stands')
  seller.panel.addFault({ do: { kind: 'hang' } })
  const waiting = Array.from({ length: 20 }, (_, n) => `waits-${n}`)
  for (const id of waiting) await seller.sell(paidOrder(id))
  await eventually(async () =>
    expect(await seller.prisma.server.count({ where: { errorClass: 'panel_timeout' } })).toBeGreaterThan(3),
  )
  await put(seller, '/admin/region-nodes/eu', { panel: 'fra', nodes: [1] })
  // But for those that are asked for just now, nobody waits for the panel that hangs.
  const left = { panelId: 'main', generation: 0, leaseToken: null }
  expect(await seller.prisma.server.count({ where: left })).toBeLessThanOrEqual(24)
  for (const id of waiting) await seller.becomes(id, 'provisioned')
  for (const id of waiting) expect(onFra(id)).toHaveLength(1)
  seller.panel.removeFaults()
  await seller.send('POST', '/api/servers/provision', { order_id: 'stands' })
  await eventually(async () =>
    expect(await seller.serverOf('stands')).toMatchObject({ nextAttemptAt: null, errorClass: null }),
  )
  expect(await seller.serverOf('stands')).toMatchObject({ panelId: 'main', status: 'provisioned' })
  expect(onFra('stands')).toEqual([])
})

test('as long as one panel may still make the server, no other is asked for it', async () => {
  const { seller, onFra } = two
  // Carried out a second after we have given up on it, and long before it is ruled out.
  const late = { kind: 'slow', ms: 150_000 } as const
  seller.panel.addFault({ when: { method: 'POST', path: '/servers$', times: 1 }, do: late })
  await seller.sell(paidOrder('o-1'))
  await eventually(async () => expect(await seller.serverOf('o-1')).toMatchObject({ generation: 1 }))
  await put(seller, '/admin/region-nodes/eu', { panel: 'fra', nodes: [1] })
  await seller.provisioned('o-1')
  expect(await seller.serverOf('o-1')).toMatchObject({ panelId: 'main' })
  expect(onFra('o-1')).toEqual([])
})

test('what one panel did not make, and no longer can, is made on the panel that its region has come to', async () => {
  const { seller, onFra } = two
  seller.panel.breakWings({ on: 'create', fault: 'refused' })
  await seller.sell(paidOrder('o-1'))
  await eventually(async () =>
    expect(await seller.serverOf('o-1')).toMatchObject({ errorClass: 'node_unreachable' }),
  )
  await put(seller, '/admin/region-nodes/eu', { panel: 'fra', nodes: [1] })
  await seller.becomes('o-1', 'provisioned', 50_000)
  expect(onFra('o-1')).toHaveLength(1)
  expect(seller.onPanel('o-1')).toEqual([])
  expect(await seller.serverOf('o-1')).toMatchObject({ panelId: 'fra' })
}, 60_000)

test('after a backup was restored each server is on its panel again', async () => {
  const { seller, fra } = two
  await seller.sell(paidOrder('us-1', us))
  await seller.becomes('us-1', 'provisioned')
  const before = await seller.serverOf('us-1')
  const told = await seller.prisma.outbox.findMany({ where: { key: 'us-1' } })
  await againAfterRaces(() => seller.prisma.server.deleteMany())
  await restoreServers(
    seller.prisma,
    told.map(({ envelope }) => readEvent(envelope)).filter((event) => 'data' in event),
  )
  await seller.sell(paidOrder('us-1', { ...us, version: 3, server_name: 'Castle' }), 'order.changed')
  await eventually(async () =>
    expect(await seller.serverOf('us-1')).toMatchObject({
      orderVersion: 3,
      nextAttemptAt: null,
      panelId: 'fra',
      pteroServerId: before.pteroServerId,
    }),
  )
  expect(fra.state().servers).toHaveLength(1)
  expect(seller.panel.state().servers).toEqual([])
})

test('a server on an unknown panel reports that, and continues once the panel is configured', async () => {
  const { seller, fra } = two
  await seller.sell(paidOrder('us-1', us))
  await seller.becomes('us-1', 'provisioned')
  await againAfterRaces(() => seller.prisma.panel.delete({ where: { id: 'fra' } }))
  await eventually(
    async () => {
      await seller.send('POST', '/api/servers/provision', { order_id: 'us-1' })
      expect(await seller.serverOf('us-1')).toMatchObject({
        errorClass: 'panel_unknown',
        errorMessage: expect.stringContaining('PUT /admin/panels/fra'),
      })
    },
    { timeoutMs: 20_000, everyMs: 500 },
  )
  await put(seller, '/admin/panels/fra', { url: fra.url, token: fra.token })
  await eventually(
    async () => {
      expect(await seller.serverOf('us-1')).toMatchObject({ errorClass: null, nextAttemptAt: null })
    },
    { timeoutMs: 30_000 },
  )
  expect(fra.state().servers).toHaveLength(1)
})
