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

test('a plan with more ports adds them before its variables name them, and one with fewer takes them away again', async () => {
  await seller.send('PUT', '/admin/plan-specs/plain', {
    ptero_egg_id: 2,
    limits: { memory: 1_024, disk: 1_024 },
    environment: { RCON_PASS: 'example-password' },
  })
  await seller.sell(paidOrder('o-1', { plan: 'plain' }))
  await seller.provisioned('o-1')
  const [before] = seller.onPanel('o-1')
  // What its customer has added is theirs.
  seller.panel.change({ allocations: [{ id: 6, server_id: before?.id ?? 0 }] })
  await seller.sell(paidOrder('o-1', { version: 3, plan: 'rust' }), 'order.changed')
  await changed('o-1', 3)
  const [larger] = seller.onPanel('o-1')
  expect(numbersOf(larger?.allocations).toSorted()).toEqual([25_565, 25_566, 25_567, 25_570])
  expect(larger?.container.environment).toMatchObject({ RCON_PORT: '25566', MAX_PLAYERS: '25567' })
  expect(larger?.allocation).toBe(before?.allocation)

  await seller.sell(paidOrder('o-1', { version: 4, plan: 'plain' }), 'order.changed')
  await changed('o-1', 4)
  const [smaller] = seller.onPanel('o-1')
  expect(numbersOf(smaller?.allocations).toSorted()).toEqual([25_565, 25_570])
  expect(smaller?.container.environment).toMatchObject({
    RCON_PORT: before?.container.environment.RCON_PORT,
    MAX_PLAYERS: before?.container.environment.MAX_PLAYERS,
  })
})

test('a port variable that was changed by hand is found, and given its port again', async () => {
  await seller.sell(paidOrder('o-1', { plan: 'rust' }))
  await seller.provisioned('o-1')
  await changed('o-1', 2)
  const [server] = seller.onPanel('o-1')
  const { image, startup_command: startup, environment } = server?.container ?? {}
  const body = { egg: 2, image, startup, skip_scripts: false }
  await seller.byHand('PATCH', `/servers/${server?.id}/startup`, {
    ...body,
    environment: { ...environment, RCON_PORT: '28016' },
  })
  await seller.send('POST', '/admin/drifts/sweep')
  const drifts = (await (await seller.send('GET', '/admin/drifts?state=open')).json()) as {
    data: { drift_id: string; finding: string }[]
  }
  expect(drifts.data).toMatchObject([{ finding: 'RCON_PORT (28016) names no port of its own.' }])
  await seller.send('POST', `/admin/drifts/${drifts.data[0]?.drift_id}/repair`)
  await eventually(() =>
    expect(seller.onPanel('o-1')[0]?.container.environment).toMatchObject({ RCON_PORT: '25566' }),
  )
  await changed('o-1', 2)
  expect(numbersOf(seller.onPanel('o-1')[0]?.allocations)).toEqual([25_565, 25_566, 25_567])
})

test('where its node has not the ports of a larger plan, a server stays as it is until there are', async () => {
  await seller.send('PUT', '/admin/plan-specs/plain', {
    ptero_egg_id: 2,
    limits: { memory: 1_024, disk: 1_024 },
    environment: { RCON_PASS: 'example-password' },
  })
  await seller.sell(paidOrder('o-1', { plan: 'plain' }))
  await seller.provisioned('o-1')
  const [before] = seller.onPanel('o-1')
  await seller.sell(paidOrder('o-2', { plan: 'plain' }))
  await seller.provisioned('o-2')
  await seller.sell(paidOrder('o-1', { version: 3, plan: 'rust' }), 'order.changed')
  await eventually(async () =>
    expect(await seller.serverOf('o-1')).toMatchObject({
      errorClass: 'no_capacity',
      errorMessage: expect.stringContaining('no free ports'),
    }),
  )
  expect(seller.onPanel('o-1')).toEqual([before])
  await seller.sell(paidOrder('o-2', { version: 3, plan: 'plain', desired: 'terminated' }), 'order.ended')
  await changed('o-1', 3)
  expect(numbersOf(seller.onPanel('o-1')[0]?.allocations)).toEqual([25_565, 25_566, 25_567])
})

test('an interrupted change of ports goes on with the same ones', async () => {
  await seller.send('PUT', '/admin/plan-specs/plain', {
    ptero_egg_id: 2,
    limits: { memory: 1_024, disk: 1_024 },
    environment: { RCON_PASS: 'example-password' },
  })
  await seller.sell(paidOrder('o-1', { plan: 'plain' }))
  await seller.provisioned('o-1')
  seller.panel.addFault({ when: { path: '/startup$', times: 1 }, do: { kind: 'status', status: 500 } })
  await seller.sell(paidOrder('o-1', { version: 3, plan: 'rust' }), 'order.changed')
  await changed('o-1', 3)
  expect(numbersOf(seller.onPanel('o-1')[0]?.allocations)).toEqual([25_565, 25_566, 25_567])
  seller.panel.addFault({ when: { path: '/startup$', times: 1 }, do: { kind: 'lost-response' } })
  await seller.sell(paidOrder('o-1', { version: 4, plan: 'plain' }), 'order.changed')
  await changed('o-1', 4)
  expect(numbersOf(seller.onPanel('o-1')[0]?.allocations)).toEqual([25_565])
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

async function changed(orderId: string, orderVersion: number): Promise<void> {
  await eventually(
    async () =>
      expect(await seller.serverOf(orderId)).toMatchObject({
        orderVersion,
        nextAttemptAt: null,
        leaseToken: null,
        errorClass: null,
      }),
    { timeoutMs: 20_000 },
  )
}
