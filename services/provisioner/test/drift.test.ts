import { type Drift, readEvent } from '@spawnpoint/contracts'
import { againAfterRaces } from '@spawnpoint/database'
import { eventually } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { restoreDrifts } from '../src/store/restore.ts'
import { openSeller, paidOrder, type Seller } from './seller.ts'

let seller: Seller

beforeEach(async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
  await seller.sell(paidOrder('o-1'))
  await seller.provisioned('o-1')
  await settled('o-1')
})

afterEach(() => seller[Symbol.asyncDispose]())

test('a panel that agrees with the orders is left alone', async () => {
  expect(await sweep()).toEqual({ servers: 1, found: 0, told: 0, over: 0, moved: 0 })
  expect(await drifts()).toEqual([])
})

test('a change by hand is published once, and repaired when a person decides so', async () => {
  const before = idOf('o-1')
  const other = { id: 50, username: 'other', email: 'other@example.com', first_name: 'O', last_name: 'O' }
  seller.panel.change({ add: { users: [other] } })
  seller.panel.change({
    servers: [{ id: before, memory: 99_999, owner_id: 50, external_id: 'by-hand', status: 'suspended' }],
  })
  expect(await sweep()).toMatchObject({ found: 1, told: 1 })
  expect(await sweep()).toMatchObject({ found: 1, told: 0 })
  const [drift] = await drifts('open')
  expect(drift).toMatchObject({
    kind: 'changed',
    order_id: 'o-1',
    finding: expect.stringMatching(
      /^memory is 99999 instead of 2048; its owner is user 50 .*; its external id is by-hand; it is suspended\.$/,
    ),
  })
  expect(seller.onPanel('by-hand')).toMatchObject([{ status: 'suspended', user: 50 }])
  await repair(drift)
  await eventually(() =>
    expect(seller.onPanel('o-1')).toMatchObject([{ id: before, status: null, limits: { memory: 2048 } }]),
  )
  await settled('o-1')
  expect(seller.onPanel('o-1')[0]?.user).not.toBe(50)
  expect(await sweep()).toMatchObject({ found: 0, over: 1 })
  expect(await toldOf(drift)).toEqual(['open', 'repairing', 'over'])
  const late = await seller.send('POST', `/admin/drifts/${drift?.drift_id}/repair`)
  expect({ status: late.status, body: await late.json() }).toMatchObject({
    status: 409,
    body: { code: 'drift_over' },
  })
})

test('a missing server is created again only when a person decides so', async () => {
  const before = idOf('o-1')
  seller.panel.change({ delete: { servers: [before] } })
  await sweep()
  const [drift] = await drifts('open')
  expect(drift).toMatchObject({ kind: 'ghost', order_id: 'o-1', ptero_server_id: before })
  expect(seller.onPanel('o-1')).toEqual([])
  await repair(drift)
  await eventually(() => expect(seller.onPanel('o-1')).toHaveLength(1))
  await settled('o-1')
  expect(await sweep()).toMatchObject({ found: 0, over: 1 })
})

test('nor by what happens to its order meanwhile: it is held with what to do, until a person provisions it again', async () => {
  const before = idOf('o-1')
  const { pteroUuid } = await seller.serverOf('o-1')
  seller.panel.change({ delete: { servers: [before] } })
  await seller.sell(paidOrder('o-1', { version: 3 }), 'order.changed')
  await isMissing()
  const suspended = { version: 4, desired: 'suspended', status: 'suspended' } as const
  await seller.sell(paidOrder('o-1', suspended), 'order.suspended')
  await seller.becomes('o-1', 'suspended')
  await seller.sell(paidOrder('o-1', { version: 5 }), 'order.resumed')
  await isMissing()
  expect(await seller.serverOf('o-1')).toMatchObject({ pteroServerId: before, pteroUuid, generation: 1 })
  expect(seller.onPanel('o-1')).toEqual([])
  expect((await seller.statesOf('o-1')).at(-1)).toMatchObject({
    error_message: expect.stringContaining('provision the order again'),
  })
  await seller.send('POST', '/api/servers/provision', { order_id: 'o-1' })
  await eventually(() => expect(seller.onPanel('o-1')).toHaveLength(1))
  await settled('o-1')
  expect(await seller.serverOf('o-1')).toMatchObject({ status: 'provisioned', errorClass: null })
})

test('a late create of an ended order is found and removed, because we sent it', async () => {
  const late = idOf('o-1')
  await seller.sell(
    paidOrder('o-1', { version: 3, desired: 'terminated', status: 'terminated' }),
    'order.ended',
  )
  await eventually(async () => expect(await seller.serverOf('o-1')).toMatchObject({ status: 'terminated' }))
  await settled('o-1')
  await lateCreate('o-1', 'Order o-1')
  expect(idOf('o-1')).not.toBe(late)
  expect(await sweep()).toMatchObject({ found: 1, told: 1 })
  await eventually(() => expect(seller.onPanel('o-1')).toEqual([]))
  await settled('o-1')
  await sweep()
  expect(await drifts()).toMatchObject([{ kind: 'left_over', state: 'over' }])
})

test('a server that claims an unknown order is deleted only when a person decides so', async () => {
  await lateCreate('nobody-knows', 'Order nobody-knows')
  await lateCreate('of-another-program', '')
  expect(await sweep()).toMatchObject({ servers: 3, found: 1, told: 1 })
  const [drift] = await drifts()
  expect(drift).toMatchObject({ kind: 'orphan', order_id: null, ptero_server_id: idOf('nobody-knows') })
  await repair(drift)
  expect(seller.onPanel('nobody-knows')).toEqual([])
  expect(seller.onPanel('of-another-program')).toHaveLength(1)
  expect(await sweep()).toMatchObject({ found: 0, over: 1 })
})

test('a locked variable of the plan that was changed by hand is repaired, and what the customer has set stays', async () => {
  await seller.send('PUT', '/admin/plan-specs/mirror', {
    ptero_egg_id: 1,
    limits: { memory: 1024, disk: 1024 },
    environment: { DL_PATH: 'https://dl.example.com', BUILD_NUMBER: '42' },
  })
  await seller.sell(paidOrder('o-2', { plan: 'mirror' }))
  await seller.provisioned('o-2')
  await settled('o-2')
  await setVariables('o-2', { BUILD_NUMBER: '7' })
  expect(await sweep()).toMatchObject({ found: 0 })
  await setVariables('o-2', { DL_PATH: 'https://elsewhere.example.com' })
  expect(await sweep()).toMatchObject({ found: 1, told: 1 })
  const [drift] = await drifts('open')
  expect(drift?.finding).toBe(
    'DL_PATH is "https://elsewhere.example.com" instead of "https://dl.example.com".',
  )
  await repair(drift)
  await eventually(() =>
    expect(seller.onPanel('o-2')).toMatchObject([
      { container: { environment: { DL_PATH: 'https://dl.example.com', BUILD_NUMBER: '7' } } },
    ]),
  )
  await settled('o-2')
  expect(await sweep()).toMatchObject({ found: 0, over: 1 })
})

test('an ignored drift is published again only when something else is found', async () => {
  seller.panel.change({ servers: [{ id: idOf('o-1'), memory: 4_096 }] })
  await sweep()
  const [drift] = await drifts('open')
  const answer = await seller.send('POST', `/admin/drifts/${drift?.drift_id}/ignore`)
  expect(await answer.json()).toMatchObject({ state: 'ignored' })
  expect(await sweep()).toMatchObject({ found: 1, told: 0 })
  seller.panel.change({ servers: [{ id: idOf('o-1'), memory: 8_192 }] })
  expect(await sweep()).toMatchObject({ found: 1, told: 1 })
  expect(await drifts('open')).toMatchObject([{ finding: 'memory is 8192 instead of 2048.' }])
})

test('an ignored drift stays ignored when only its sentence is another one', async () => {
  seller.panel.change({ servers: [{ id: idOf('o-1'), memory: 4_096 }] })
  await sweep()
  const [drift] = await drifts('open')
  await seller.send('POST', `/admin/drifts/${drift?.drift_id}/ignore`)
  await againAfterRaces(() =>
    seller.prisma.drift.updateMany({ data: { finding: 'As an older release said it.' } }),
  )
  expect(await sweep()).toMatchObject({ found: 1, told: 0 })
  expect(await drifts('ignored')).toMatchObject([{ finding: 'memory is 4096 instead of 2048.', version: 2 }])
})

test('after a backup was restored drifts are as they were published, and the next sweep continues from there', async () => {
  seller.panel.change({ servers: [{ id: idOf('o-1'), memory: 4_096 }] })
  await sweep()
  const [drift] = await drifts('open')
  await seller.send('POST', `/admin/drifts/${drift?.drift_id}/ignore`)
  const told = await seller.prisma.outbox.findMany({ where: { key: drift?.drift_id ?? '' } })
  await againAfterRaces(() => seller.prisma.drift.deleteMany())
  await restoreDrifts(
    seller.prisma,
    told.map(({ envelope }) => readEvent(envelope)).filter((event) => 'data' in event),
  )
  expect(await drifts()).toMatchObject([{ ...drift, version: 2, state: 'ignored' }])
  expect(await sweep()).toMatchObject({ found: 1, told: 1 })
  expect(await drifts()).toMatchObject([{ ...drift, version: 3, state: 'open' }])
})

test('a panel that is away is no reason to think that servers are gone', async () => {
  seller.panel.addFault({ when: { path: '/servers' }, do: { kind: 'status', status: 500 } })
  expect((await seller.send('POST', '/admin/drifts/sweep')).status).toBe(503)
  expect(await drifts()).toEqual([])
})

test.each(['repair', 'ignore'])('there is nothing to %s where nothing was found', async (verb) => {
  const answer = await seller.send('POST', `/admin/drifts/00000000-0000-5000-8000-000000000000/${verb}`)
  expect(answer.status).toBe(404)
  expect(await answer.json()).toMatchObject({ code: 'drift_unknown' })
})

async function sweep(): Promise<unknown> {
  return await (await seller.send('POST', '/admin/drifts/sweep')).json()
}

async function drifts(state?: string): Promise<Drift[]> {
  const answer = await seller.send('GET', `/admin/drifts${state ? `?state=${state}` : ''}`)
  return ((await answer.json()) as { data: Drift[] }).data
}

async function repair(drift: Drift | undefined): Promise<void> {
  const answer = await seller.send('POST', `/admin/drifts/${drift?.drift_id}/repair`)
  expect(answer.status).toBe(202)
}

async function toldOf(drift: Drift | undefined): Promise<string[]> {
  const rows = await seller.prisma.outbox.findMany({
    where: { key: drift?.drift_id ?? '' },
    orderBy: { seq: 'asc' },
  })
  return rows.map(({ envelope }) => (JSON.parse(envelope) as { data: Drift }).data.state)
}

// A sweep compares only what nobody works on.
function isMissing(): Promise<void> {
  return eventually(async () =>
    expect(await seller.serverOf('o-1')).toMatchObject({
      status: expect.stringMatching(/provisioned|suspended/),
      errorClass: 'server_missing',
    }),
  )
}

async function settled(orderId: string): Promise<void> {
  await eventually(async () =>
    expect(await seller.serverOf(orderId)).toMatchObject({ nextAttemptAt: null, leaseToken: null }),
  )
}

function idOf(externalId: string): number {
  return seller.onPanel(externalId)[0]?.id ?? 0
}

async function setVariables(orderId: string, changes: Record<string, string>): Promise<void> {
  const [server] = seller.onPanel(orderId)
  const { image, startup_command: startup, environment } = server?.container ?? {}
  const body = { egg: 1, image, startup, skip_scripts: false, environment: { ...environment, ...changes } }
  expect((await seller.byHand('PATCH', `/servers/${server?.id}/startup`, body)).status).toBe(200)
}

/** As a create that nobody waits for any more, or another program, puts it there. */
async function lateCreate(external_id: string, description: string): Promise<void> {
  const free = seller.panel.state().allocations.find(({ server }) => server === null)
  const answer = await fetch(`${seller.panel.url}/api/application/servers`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${seller.panel.token}`,
      accept: 'application/json',
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      external_id,
      description,
      name: 'Late',
      user: 1,
      egg: 1,
      docker_image: 'image',
      startup: 'run',
      environment: { SERVER_JARFILE: 'server.jar', BUILD_NUMBER: 'latest' },
      limits: { memory: 2048, swap: 0, disk: 10240, io: 500, cpu: 100 },
      feature_limits: { databases: 0, backups: 0 },
      allocation: { default: free?.id },
    }),
  })
  expect(answer.status).toBe(201)
}
