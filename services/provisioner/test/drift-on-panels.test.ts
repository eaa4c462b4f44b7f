import { randomUUID } from 'node:crypto'
import type { Drift } from '@spawnpoint/contracts'
import { againAfterRaces } from '@spawnpoint/database'
import { eventually } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { paidOrder } from './seller.ts'
import { openTwoPanels, put, type TwoPanels } from './two-panels.ts'

let two: TwoPanels

beforeEach(async () => {
  two = await openTwoPanels({ install: { mode: 'at-once' }, fra: { install: { mode: 'at-once' } } })
  for (const region of ['eu', 'us']) await two.seller.sell(paidOrder(region, { region }))
  for (const region of ['eu', 'us']) await settled(region)
})

afterEach(() => two[Symbol.asyncDispose]())

test('two panels that agree with the orders are left alone, though both have a server 1', async () => {
  expect(await sweep()).toEqual({ servers: 2, found: 0, told: 0, over: 0, moved: 0 })
})

test('drift is published with the name of its panel, and repaired there alone', async () => {
  const { seller, fra, onFra } = two
  for (const panel of [seller.panel, fra]) panel.change({ servers: [{ id: 1, memory: 99 }] })
  expect(await sweep()).toMatchObject({ found: 2, told: 2 })
  const found = (await drifts('open')).toSorted((a, b) => (a.panel < b.panel ? -1 : 1))
  expect(found).toMatchObject([
    { panel: 'fra', kind: 'changed', order_id: 'us', ptero_server_id: 1 },
    { panel: 'main', kind: 'changed', order_id: 'eu', ptero_server_id: 1 },
  ])
  await seller.send('POST', `/admin/drifts/${found[0]?.drift_id}/repair`)
  await eventually(() => expect(onFra('us')).toMatchObject([{ limits: { memory: 2048 } }]))
  expect(seller.onPanel('eu')).toMatchObject([{ limits: { memory: 99 } }])
  await settled('us')
  expect(await sweep()).toMatchObject({ found: 1, told: 0, over: 1 })
  expect(await drifts('open')).toMatchObject([{ panel: 'main' }])
})

test('an unavailable panel causes no drift of its servers, and the other is compared all the same', async () => {
  const { seller, fra } = two
  seller.panel.change({ servers: [{ id: 1, memory: 99 }] })
  fra.addFault({ do: { kind: 'status', status: 500 } })
  expect(await sweep()).toMatchObject({
    servers: 1,
    found: 1,
    away: [{ panel: 'fra', message: expect.stringContaining('unexpected error') }],
  })
  expect(await drifts()).toMatchObject([{ panel: 'main', order_id: 'eu' }])
})

test('a second server of an order, on the wrong panel, is deleted only when a person decides so', async () => {
  const { seller, fra, onFra } = two
  const [own] = seller.onPanel('eu')
  const free = fra.state().allocations.find(({ server }) => server === null)
  const answer = await fetch(`${fra.url}/api/application/servers`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${fra.token}`,
      accept: 'application/json',
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      ...{ external_id: 'eu', description: 'Order eu', name: 'Stray', user: 1, egg: 1 },
      ...{ docker_image: 'image', startup: 'run', feature_limits: { databases: 0, backups: 0 } },
      environment: { SERVER_JARFILE: 'server.jar', BUILD_NUMBER: 'latest' },
      limits: { memory: 1, swap: 0, disk: 1, io: 500, cpu: 0 },
      allocation: { default: free?.id },
    }),
  })
  expect(answer.status).toBe(201)
  expect(await sweep()).toMatchObject({ found: 1 })
  const [drift] = await drifts('open')
  expect(drift).toMatchObject({
    panel: 'fra',
    kind: 'orphan',
    finding: expect.stringContaining('whose server is on the panel main'),
  })
  await seller.send('POST', `/admin/drifts/${drift?.drift_id}/repair`)
  await eventually(() => expect(onFra('eu')).toEqual([]))
  expect(seller.onPanel('eu')).toEqual([own])
})

test('one panel under two names has no server too many, and none is deleted for it', async () => {
  const { seller } = two
  const url = seller.panel.url.replace('127.0.0.1', 'localhost')
  await put(seller, '/admin/panels/again', { url, token: seller.panel.token })
  expect(await sweep()).toMatchObject({ servers: 3, found: 0 })
  const [own] = seller.onPanel('eu')
  const id = randomUUID()
  const told = {
    kind: 'orphan',
    state: 'open',
    version: 1,
    fields: '',
    finding: 'As an older replica told it.',
  }
  const at = { foundAt: new Date(), seenAt: new Date() }
  const target = { pteroServerId: own?.id ?? 0, pteroUuid: own?.uuid ?? '', panelId: 'again' }
  await againAfterRaces(() => seller.prisma.drift.create({ data: { id, ...told, ...at, ...target } }))
  const answer = await seller.send('POST', `/admin/drifts/${id}/repair`)
  expect(await answer.json()).toMatchObject({ status: 409, code: 'order_known' })
  expect(seller.onPanel('eu')).toEqual([own])
})

type OnPanel = Drift & { panel: string }

async function sweep(): Promise<unknown> {
  return await (await two.seller.send('POST', '/admin/drifts/sweep')).json()
}

async function drifts(state?: string): Promise<OnPanel[]> {
  const answer = await two.seller.send('GET', `/admin/drifts${state ? `?state=${state}` : ''}`)
  return ((await answer.json()) as { data: OnPanel[] }).data
}

// A sweep compares only what nobody works on.
async function settled(orderId: string): Promise<void> {
  await eventually(async () =>
    expect(await two.seller.serverOf(orderId)).toMatchObject({
      status: 'provisioned',
      nextAttemptAt: null,
      leaseToken: null,
    }),
  )
}
