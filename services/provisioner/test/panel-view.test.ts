import { eventually, owning } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fullWorld } from './full-environment.ts'
import { openSeller, paidOrder, type Seller } from './seller.ts'
import { type Desk, openDesk } from './shop-desk.ts'

let owned: ReturnType<typeof owning>
let seller: Seller
let desk: Desk

async function open(options: Parameters<typeof openSeller>[0] = {}): Promise<void> {
  seller = owned.own(await openSeller({ world: fullWorld([{ memory: 10 * 2_048, ports: 50 }]), ...options }))
  desk = owned.own(await openDesk(seller.natsUrl))
  await eventually(async () => expect(await desk.reserve('first')).toBe('held'))
}

beforeEach(() => {
  owned = owning()
})

afterEach(() => owned[Symbol.asyncDispose]())

test('selling makes no call to the panel: while it is down what it last showed is sold, and nothing twice', async () => {
  await open()
  seller.panel.addFault({ do: { kind: 'refused' } })
  expect((await desk.count())[0]).toMatchObject({ more: 9, reason: null })
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => desk.reserve(`o-${n}`)))
  expect(answers.filter((answer) => answer === 'held')).toHaveLength(9)
  expect(answers.filter((answer) => answer === 'no_capacity')).toHaveLength(11)
  expect((await desk.count())[0]).toMatchObject({ more: 0, reason: 'no_capacity' })
})

test('what the panel showed outlives a restart', async () => {
  await open()
  seller.panel.addFault({ do: { kind: 'refused' } })
  await seller.restart()
  expect((await desk.count())[0]).toMatchObject({ more: 9, reason: null })
  expect(await desk.reserve('o-1')).toBe('held')
})

test('what the panel showed too long ago is not sold', async () => {
  await open({
    env: { PANEL_VIEW_MAX_AGE_MINUTES: '2' },
    world: fullWorld([{ memory: 5_000 * 2_048, ports: 900 }]),
  })
  seller.panel.addFault({ do: { kind: 'refused' } })
  let tries = 0
  await eventually(async () => expect(await desk.reserve(`o-${tries++}`)).toBe('panel_away'))
  seller.panel.removeFaults()
  await eventually(async () => expect(await desk.reserve('after')).toBe('held'))
})

test('a sale costs a new customer three calls, and a known one two', async () => {
  await open({ install: { mode: 'at-once' } })
  const customer = { id: 'c-1', email: 'c-1@example.com', name: 'C One' }
  const callsFor = async (id: string) => {
    const before = seller.panel.state().calls
    await seller.sell(paidOrder(id, { customer }))
    await seller.provisioned(id)
    return Object.entries(seller.panel.state().calls).flatMap(([kind, count]) =>
      isOfSales(kind) && count > (before[kind] ?? 0) ? [`${count - (before[kind] ?? 0)} × ${kind}`] : [],
    )
  }
  expect(await callsFor('o-1')).toEqual([
    '1 × POST /api/application/users',
    '1 × POST /api/application/servers',
    '1 × GET /api/application/servers',
  ])
  expect(await callsFor('o-2')).toEqual([
    '1 × POST /api/application/servers',
    '1 × GET /api/application/servers',
  ])
})

test('a port that another administrator took is left alone for a while, and the node is read again', async () => {
  await open({ install: { mode: 'at-once' } })
  const taken = seller.panel.state().allocations.find(({ port }) => port === 25_566)
  seller.panel.change({ allocations: [{ id: taken?.id ?? 0, server_id: 4_711 }] })
  await seller.sell(paidOrder('o-1'))
  await seller.provisioned('o-1')
  expect(seller.onPanel('o-1')).toHaveLength(1)
  expect(seller.onPanel('o-1')[0]?.allocation).not.toBe(taken?.id)
})

test('two replicas read the panel together no more often than one', async () => {
  await open()
  await seller.startReplica()
  const reads = () => seller.calls(/GET .*\/nodes$/)
  const before = reads()
  const begun = performance.now()
  await eventually(() => expect(reads()).toBeGreaterThanOrEqual(before + 5), { timeoutMs: 20_000 })
  // Once a minute, which is 1.2 s here.
  expect(performance.now() - begun).toBeGreaterThan(4 * 1_200)
})

test('a part that is wanted no longer is removed, so that reservations are not kept for it', async () => {
  await open()
  const part = { panelId: 'main', part: 'ports/99' }
  const shownAt = new Date(Date.now() - 2 * 3_600_000)
  await seller.prisma.panelView.create({ data: { ...part, shownAt, url: seller.panel.url, body: '[]' } })
  await eventually(async () => expect(await seller.prisma.panelView.count({ where: part })).toBe(0))
  expect(await seller.prisma.panelView.count({ where: { part: 'nodes' } })).toBe(1)
})

test('a paid order shows its position, and when its server is expected', async () => {
  await open({ rateLimitPerMinute: 60, rateWindowMs: 60_000 })
  const ids = Array.from({ length: 8 }, (_, n) => `o-${n}`)
  seller.panel.addFault({ do: { kind: 'status', status: 429, retryAfterS: 30 } })
  for (const id of ids) await seller.sell(paidOrder(id))
  const queueOf = async (id: string) =>
    ((await (await seller.send('GET', `/servers/${id}`)).json()) as { queue: { position: number } }).queue
  await eventually(async () => expect((await queueOf('o-7')).position).toBeGreaterThan(1))
  // One after the other is asked, while the queue moves.
  await eventually(async () => {
    const queues = await Promise.all(ids.map(queueOf))
    expect(queues.every((queue) => 'expected_at' in queue)).toBe(true)
    expect(new Set(queues.map(({ position }) => position)).size).toBe(8)
  })
})

test('an order that waits for room shows its position in the region', async () => {
  await open({ world: fullWorld([{ memory: 2_048, ports: 50 }]) })
  for (const id of ['o-1', 'o-2', 'o-3']) {
    await seller.sell(paidOrder(id))
    await seller.becomes(id, 'waiting')
  }
  const shown = await (await seller.send('GET', '/servers/o-3')).json()
  expect(shown).toMatchObject({ queue: { waits_for: 'capacity', position: 3, expected_at: null } })
})

/** The view is read beside it. */
function isOfSales(kind: string): boolean {
  return !/nodes|nests/.test(kind)
}
