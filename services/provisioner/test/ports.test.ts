import { eventually } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fullWorld } from './full-environment.ts'
import { openSeller, paidOrder, type Seller } from './seller.ts'

const ports = [{ variable: 'RCON_PORT', offset: 1 }, { variable: 'MAX_PLAYERS' }]
let seller: Seller

beforeEach(async () => {
  // Two sets of three: 25565 to 25570 and no more.
  seller = await openSeller({ world: fullWorld([{ memory: 65_536, ports: 6 }]) })
  await seller.send('PUT', '/admin/region-nodes/eu', { nodes: [1] })
  await seller.send('PUT', '/admin/plan-specs/rust', {
    ptero_egg_id: 2,
    limits: { memory: 1_024, disk: 1_024 },
    environment: { RCON_PASS: 'example-password', RCON_PORT: '1' },
    ports,
  })
})

afterEach(() => seller[Symbol.asyncDispose]())

test('a server has all the ports that its game needs, and its egg receives them', async () => {
  await seller.sell(paidOrder('o-1', { plan: 'rust', environment: { RCON_PORT: '2' } }))
  await seller.provisioned('o-1')
  const [server] = seller.onPanel('o-1')
  expect(numbersOf(server?.allocations)).toEqual([25_565, 25_566, 25_567])
  expect(server?.container.environment).toMatchObject({ RCON_PORT: '25566', MAX_PLAYERS: '25567' })
  expect((await seller.serverOf('o-1')).address).toBe('203.0.113.1:25565')
})

test('concurrent servers share no port, and one without a complete set waits', async () => {
  const ids = ['o-1', 'o-2', 'o-3']
  for (const id of ids) await seller.sell(paidOrder(id, { plan: 'rust' }))
  await eventually(async () => {
    expect(await seller.prisma.server.count({ where: { status: 'provisioned' } })).toBe(2)
    expect(await seller.prisma.server.count({ where: { status: 'waiting', nextAttemptAt: null } })).toBe(1)
  })
  const taken = seller.panel.state().servers.flatMap(({ allocations }) => numbersOf(allocations))
  expect(taken.toSorted()).toEqual([25_565, 25_566, 25_567, 25_568, 25_569, 25_570])
  const waiter = await seller.prisma.server.findFirstOrThrow({ where: { status: 'waiting' } })
  expect(waiter.errorMessage).toContain('3 free ports')
})

test('a port that another create takes meanwhile is detected, and reported with what to do', async () => {
  await seller.send('PUT', '/admin/region-nodes/eu', { nodes: [1] })
  seller.panel.planInstalls({ mode: 'never' })
  await seller.sell(paidOrder('o-1', { plan: 'rust' }))
  await eventually(async () => expect(await seller.serverOf('o-1')).toMatchObject({ status: 'provisioning' }))
  const [server] = seller.onPanel('o-1')
  seller.panel.change({ allocations: [{ id: server?.allocations[1] ?? 0, server_id: null }] })
  seller.panel.planInstalls({ mode: 'at-once' }, 'o-1')
  await eventually(async () => {
    expect(await seller.serverOf('o-1')).toMatchObject({
      status: 'failed',
      errorClass: 'ports_lost',
      errorMessage: expect.stringContaining('25566'),
    })
  })
  await seller.send('POST', '/api/servers/provision', { order_id: 'o-1' })
  await seller.provisioned('o-1')
})

test('ports that conflict are refused when they are set', async () => {
  const set = async (ports: unknown) =>
    (
      await seller.send('PUT', '/admin/plan-specs/bad', {
        ptero_egg_id: 2,
        limits: { memory: 1, disk: 1 },
        ports,
      })
    ).status
  expect(
    await set([
      { variable: 'A', offset: 1 },
      { variable: 'B', offset: 1 },
    ]),
  ).toBe(422)
  expect(await set([{ variable: 'A', offset: 0 }])).toBe(422)
  expect(await set([{ variable: 'A' }, { variable: 'A' }])).toBe(422)
  expect(await set([{ variable: 'a b' }])).toBe(422)
  expect(await set([{ variable: 'A' }, { variable: 'B', offset: -1 }])).toBe(200)
})

function numbersOf(ids: number[] = []): number[] {
  return ids.map((id) => seller.panel.state().allocations.find((row) => row.id === id)?.port ?? 0)
}
