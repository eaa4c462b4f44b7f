import { setTimeout as delay } from 'node:timers/promises'
import { againAfterRaces, sql } from '@spawnpoint/database'
import { streamManager } from '@spawnpoint/messaging'
import { eventually } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWorld } from './replay-world.ts'

let world: Awaited<ReturnType<typeof openWorld>>

beforeEach(async () => {
  world = await openWorld()
})
afterEach(() => world?.[Symbol.asyncDispose]())

const payments = (count: number, orderId = (n: number) => `order-${n}`) =>
  Array.from({ length: count }, (_, n) => ({ payment_id: `cs_${n}`, order_id: orderId(n) }))

test('what was never consumed is decided, what is done is skipped, and a second replay finds nothing to do', async () => {
  const [first] = await world.publish(...payments(3))
  if (first) await world.mark(first, 'done')
  const replay = await world.replay()
  expect(replay).toMatchObject({ state: 'done', read: 3, total: 3, counts: { done: 2, skipped: 1 } })
  const skipped = (await world.findings(replay.id)).filter(({ outcome }) => outcome === 'skipped')
  expect(skipped).toMatchObject([{ seq: 1, reason: 'done already' }])
  expect(await world.replay()).toMatchObject({ state: 'done', counts: { skipped: 3 } })
  expect(await world.payments()).toEqual({ 'order-1': 1, 'order-2': 1 })
})

test('what the service does not consume is skipped, and leaves nothing', async () => {
  await world.publish(...payments(2), ...payments(3, () => 'not-accepted').slice(2))
  const { id } = await world.start({})
  expect(await world.ended(id)).toMatchObject({ counts: { done: 2, skipped: 1 } })
  const replay = await world.replay()
  expect(replay).toMatchObject({ state: 'done', counts: { done: 2, skipped: 1 } })
  expect((await world.findings(replay.id)).at(-1)).toMatchObject({
    reason: 'not consumed here',
    order_id: 'not-accepted',
  })
  expect(Object.keys(await world.outcomes())).toHaveLength(2)
})

test('of what is skipped the first thousand is kept, and takes no room from the rest', async () => {
  const events = await world.publish(...payments(1_100))
  for (const event of events.slice(0, -1)) await world.mark(event, 'done')
  const { id } = await world.start({})
  expect(await world.ended(id)).toMatchObject({ counts: { skipped: 1_099, done: 1 } })
  const kept = await world.db.$queryRaw<{ outcome: string; n: bigint }[]>(
    sql`SELECT outcome, COUNT(*) AS n FROM replay_finding WHERE replay_id = ${id} GROUP BY outcome ORDER BY outcome`,
  )
  expect(kept.map(({ outcome, n }) => [outcome, Number(n)])).toEqual([
    ['done', 1],
    ['skipped', 1_000],
  ])
})

test('a replay is a dry run unless the request says otherwise, and a dry run leaves nothing behind', async () => {
  await world.publish(...payments(2))
  const { id } = await world.start({})
  expect(await world.ended(id)).toMatchObject({ state: 'done', counts: { done: 2 } })
  expect(await world.payments()).toEqual({})
  expect(await world.outcomes()).toEqual({})
  expect(await world.db.$queryRaw(sql`SELECT * FROM outbox`)).toEqual([])
})

test('a dry run says for each event what it would change, upon what the events before it would have made', async () => {
  await world.publish(...payments(2, () => 'order-1'))
  const { id } = await world.start({})
  await world.ended(id)
  expect(await world.findings(id)).toMatchObject([
    { outcome: 'done', effect: { fields: { payments: { from: null, to: 1 } }, says: ['order.placed'] } },
    { outcome: 'done', effect: { fields: { payments: { from: 1, to: 2 } }, says: ['order.placed'] } },
  ])
})

test('type, order, time and sequence narrow it', async () => {
  await world.publish(...payments(2))
  // A time is told in milliseconds: the third must not share its own with the second.
  await delay(5)
  await world.publish(...payments(4).slice(2), { payment_id: 'cs_f', order_id: 'order-f', status: 'failed' })
  const manager = await streamManager(world.nats)
  const third = await manager.streams.getMessage('BILLING', { seq: 3 })
  const ordersOf = async (request: object) => {
    const { id } = await world.start(request)
    await world.ended(id)
    return (await world.findings(id)).map(({ order_id }) => order_id)
  }
  expect(await ordersOf({ type: 'payment.failed' })).toEqual(['order-f'])
  expect(await ordersOf({ order: 'order-2' })).toEqual(['order-2'])
  expect(await ordersOf({ from_seq: 2, to_seq: 3 })).toEqual(['order-1', 'order-2'])
  expect(await ordersOf({ since: third.time.toISOString() })).toEqual(['order-2', 'order-3', 'order-f'])
  const until = new Date(third.time.getTime() + 1).toISOString()
  expect(await ordersOf({ until, to_seq: 3 })).toEqual(['order-0', 'order-1', 'order-2'])
  expect(await ordersOf({ until: new Date(0).toISOString() })).toEqual([])
})

test('what was ignored is decided again only when that is asked for; dead letters are for redriving', async () => {
  const [ignored, dead, parked] = await world.publish(...payments(3))
  if (!ignored || !dead || !parked) throw new Error('Three were published')
  await world.mark(ignored, 'ignored')
  await world.mark(dead, 'dead')
  await world.mark(parked, 'parked')
  expect(await world.replay()).toMatchObject({ counts: { skipped: 2, done: 1 } })
  expect(await world.payments()).toEqual({ 'order-2': 1 })
  expect(await world.replay({ include_ignored: true })).toMatchObject({ counts: { skipped: 2, done: 1 } })
  expect(await world.payments()).toEqual({ 'order-0': 1, 'order-2': 1 })
  expect(await world.outcomes()).toMatchObject({ [dead.id]: 'dead', [ignored.id]: 'done' })
})

test('what is older than the inbox remembers is refused, for it may have been decided and forgotten', async () => {
  const longAgo = new Date(Date.now() - 31 * 86_400_000).toISOString()
  await world.publish({ payment_id: 'cs_old', failure: longAgo }, { payment_id: 'cs_new', order_id: 'new' })
  const replay = await world.replay()
  expect(replay).toMatchObject({ counts: { refused: 1, done: 1 } })
  expect(await world.payments()).toEqual({ new: 1 })
})

test('one event that cannot be decided is named, and holds up none of the others', async () => {
  await world.publish(...payments(5, (n) => (n === 2 ? 'poison' : `order-${n}`)))
  const { id, counts } = await world.replay()
  expect(counts).toEqual({ done: 4, failed: 1 })
  const failed = (await world.findings(id)).filter(({ outcome }) => outcome === 'failed')
  expect(failed).toMatchObject([{ seq: 3, reason: expect.stringContaining('kills every batch') }])
})

test('it keeps to its rate, stops when it is aborted, and goes on from there, deciding each event once', async () => {
  await world.publish(...payments(40))
  const startedAt = performance.now()
  const { id } = await world.start({ dry_run: false, rate: 10 })
  await eventually(async () => expect((await world.read(id)).read).toBeGreaterThanOrEqual(20))
  expect(performance.now() - startedAt).toBeGreaterThan(900)
  expect((await world.call('POST', `/admin/replays/${id}/abort`)).status).toBe(200)
  const aborted = await world.ended(id)
  expect(aborted.state).toBe('aborted')
  await eventually(async () =>
    expect((await world.call('POST', `/admin/replays/${id}/resume`)).status).toBe(202),
  )
  expect(await world.ended(id)).toMatchObject({ state: 'done', read: 40, counts: { done: 40 } })
  expect(Object.values(await world.payments())).toEqual(Array(40).fill(1))
  expect((await world.call('POST', `/admin/replays/${id}/abort`)).status).toBe(409)
  expect((await world.call('POST', `/admin/replays/${id}/resume`)).status).toBe(409)
})

test('a replay whose process stops is aborted, and another process can go on with it', async () => {
  await world.publish(...payments(30))
  const { id } = await world.start({ dry_run: false, rate: 10 })
  await eventually(async () => expect((await world.read(id)).read).toBeGreaterThan(0))
  await world.stop()
  expect(await world.read(id)).toMatchObject({ state: 'aborted' })
  const other = world.openProcess()
  await other.call('POST', `/admin/replays/${id}/resume`)
  expect(await other.ended(id)).toMatchObject({ state: 'done', counts: { done: 30 } })
})

test('a replay whose process was killed is seen as aborted, and can be resumed', async () => {
  await world.publish(...payments(2))
  const { id } = await world.start({ dry_run: false })
  await world.ended(id)
  await againAfterRaces(() =>
    world.db.$executeRaw(sql`UPDATE replay SET state = 'running', owner = 'nobody',
    alive_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE id = ${id}`),
  )
  expect(await world.read(id)).toMatchObject({ state: 'aborted' })
  expect((await world.call('POST', `/admin/replays/${id}/resume`)).status).toBe(202)
  expect(await world.ended(id)).toMatchObject({ state: 'done' })
})

test('a stream that was recreated since is not read on by sequences of the old one', async () => {
  await world.publish(...payments(30))
  const { id } = await world.start({ dry_run: false, rate: 10 })
  await eventually(async () => expect((await world.read(id)).read).toBeGreaterThan(0))
  await world.stop()
  await (await streamManager(world.nats)).streams.delete('BILLING')
  await world.publish(...payments(40))
  const other = world.openProcess()
  await other.call('POST', `/admin/replays/${id}/resume`)
  expect(await other.ended(id)).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('recreated'),
  })
})

test('of the own stream, what the stream has lost is published again out of the outbox, and nothing else', async () => {
  await world.emit('a', 'b', 'c')
  const before = await world.streamIds('ORDER')
  const manager = await streamManager(world.nats)
  await manager.streams.deleteMessage('ORDER', 2)
  const dry = await world.ended((await world.start({ stream: 'ORDER' })).id)
  expect(dry).toMatchObject({ counts: { skipped: 2, published: 1 } })
  await manager.streams.delete('ORDER')
  const wiped = await world.replay({ stream: 'ORDER', order: 'b' })
  expect(wiped).toMatchObject({ state: 'done', counts: { published: 1 } })
  await eventually(async () => {
    await world.relay.tick()
    expect(await world.streamIds('ORDER')).toEqual([before[1]])
  })
})

test('what stands in the stream under another message id, for the server remembered the first, is not lost', async () => {
  await world.emit('a')
  await (await streamManager(world.nats)).streams.deleteMessage('ORDER', 1)
  expect(await world.replay({ stream: 'ORDER' })).toMatchObject({ counts: { published: 1 } })
  await eventually(async () => {
    await world.relay.tick()
    expect(await world.streamIds('ORDER')).toHaveLength(1)
  })
  expect(await world.replay({ stream: 'ORDER' })).toMatchObject({ counts: { skipped: 1 } })
})

test('a filter that cannot be meant is refused with a reason', async () => {
  const refusal = async (request: object) => {
    const response = await world.call('POST', '/admin/replays', { stream: 'BILLING', ...request })
    return [response.status, ((await response.json()) as { code: string }).code]
  }
  expect(await refusal({ oder: 'misspelt' })).toEqual([422, 'invalid_request'])
  expect(await refusal({ type: 'order.paid' })).toEqual([422, 'invalid_request'])
  expect(await refusal({ from_seq: 5, to_seq: 4 })).toEqual([422, 'invalid_request'])
  expect(await refusal({ stream: 'SERVER' })).toEqual([422, 'stream_not_heard'])
  const unknown = await world.call('GET', '/admin/replays/6f0f8ee3-6a2c-4d3f-9d58-0c8d3c2f9b11')
  expect(unknown.status).toBe(404)
})
