import { type AnyEvent, readEvent } from '@spawnpoint/contracts'
import { sql, type Transaction } from '@spawnpoint/database'
import { eventually } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { streamManager } from '../src/connection/streams.ts'
import { openLease } from '../src/jobs/lease.ts'
import { recover } from '../src/recovery/recover.ts'
import { consumers, log, openWorld } from './replay-world.ts'

let world: Awaited<ReturnType<typeof openWorld>>

beforeEach(async () => {
  world = await openWorld()
  await world.relay.stop()
})
afterEach(() => world?.[Symbol.asyncDispose]())

test('what it said since the backup is in the outbox again, under its ids, and is not published once more', async () => {
  await world.say('a', 'b', 'c')
  const said = await outbox()
  await forgetSaid('b', 'c')
  const restored: string[] = []
  const recovered = await recoverWorld(async (_, events) => {
    restored.push(...events.map(({ subject }) => subject))
  })
  expect(recovered.own).toEqual({ read: 3, restored: 2 })
  expect(restored).toEqual(['a', 'b', 'c'])
  expect(await outbox()).toEqual(said)
  await world.relay.tick()
  expect(await world.streamIds('ORDER')).toHaveLength(3)
})

test('what the backup holds as not yet published, but was, is not published again', async () => {
  await world.say('a')
  await world.db.$executeRaw(
    sql`UPDATE outbox SET published_at = NULL, stream_seq = NULL, stream_epoch = NULL`,
  )
  expect((await recoverWorld()).own).toEqual({ read: 1, restored: 1 })
  expect(await outbox()).toMatchObject([{ key: 'a', published: true, stream_seq: 1n }])
})

test('it refuses a stream that does not reach back to the backup', async () => {
  await world.say('a')
  await (await streamManager(world.nats)).streams.purge('ORDER')
  await world.say('b')
  await forgetSaid('b')
  await expect(recoverWorld()).rejects.toThrow('does not reach back to the backup')
})

test('what its own events were said because of is done; the rest is decided, and says nothing twice', async () => {
  const [heard, unheard] = await world.publish(payment(1), payment(2))
  await recoverWorld()
  expect(await world.payments()).toEqual({ 'order-1': 1, 'order-2': 1 })
  await eventually(async () => {
    await world.relay.tick()
    expect(await world.streamIds('ORDER')).toHaveLength(2)
  })
  // The backup is of before; that the first payment was heard shows in the event that was said because of it.
  for (const table of [sql`outbox`, sql`inbox`, sql`heard`])
    await world.db.$executeRaw(sql`DELETE FROM ${table}`)
  await (await streamManager(world.nats)).streams.deleteMessage('ORDER', 2)
  await recoverWorld(async () => {}, causedBy(heard))
  expect(await world.outcomes()).toEqual({ [String(heard?.id)]: 'done', [String(unheard?.id)]: 'done' })
  expect(await world.payments()).toEqual({ 'order-2': 1 })
})

test('an event that cannot be decided becomes a dead letter: its durable brings it no more', async () => {
  const [poison, well] = await world.publish({ payment_id: 'cs_p', order_id: 'poison' }, payment(2))
  expect((await recoverWorld()).heard).toEqual({ BILLING: { read: 2, decided: 1, dead: 1 } })
  expect(await world.outcomes()).toEqual({ [String(poison?.id)]: 'dead', [String(well?.id)]: 'done' })
  const letters = await world.db.$queryRaw(sql`SELECT event_id, class FROM dead_letter`)
  expect(letters).toEqual([{ event_id: poison?.id, class: 'failed_in_recovery' }])
})

test('what the service does not hear is read, and leaves nothing', async () => {
  const [heard] = await world.publish(payment(1), { payment_id: 'cs_u', order_id: 'unheard' })
  expect((await recoverWorld()).heard).toEqual({ BILLING: { read: 2, decided: 1, dead: 0 } })
  expect(await world.outcomes()).toEqual({ [String(heard?.id)]: 'done' })
})

test('what the backup holds as parked is decided again, what it holds as ignored is not', async () => {
  const [parked, ignored] = await world.publish(payment(1), payment(2))
  if (parked) await world.mark(parked, 'parked')
  if (ignored) await world.mark(ignored, 'ignored')
  await recoverWorld()
  expect(await world.payments()).toEqual({ 'order-1': 1 })
})

test('it does not begin while a replica holds the lease', async () => {
  const { db: prisma, nats } = world
  await openLease(prisma, 'relay').hold()
  const recovering = recover({ prisma, nats, ownStream: 'ORDER', restore: async () => {}, consumers, log })
  await expect(recovering).rejects.toThrow('stop every replica')
})

const payment = (n: number) => ({ payment_id: `cs_${n}`, order_id: `order-${n}` })

async function recoverWorld(
  restore: (tx: Transaction, events: AnyEvent[]) => Promise<void> = async () => {},
  after: Promise<unknown> = Promise.resolve(),
) {
  const { db: prisma, nats } = world
  // The service is stopped, and the lease of its relay has ended.
  await after
  await prisma.$executeRaw(sql`DELETE FROM lease`)
  return await recover({ prisma, nats, ownStream: 'ORDER', restore, consumers, log })
}

/** Says again what was said because of this event, now with that as its cause. */
async function causedBy(event: AnyEvent | undefined): Promise<void> {
  const manager = await streamManager(world.nats)
  const said = readEvent((await manager.streams.getMessage('ORDER', { seq: 1 })).data)
  if ('problem' in said || !event) throw new Error('Nothing was said')
  await manager.streams.deleteMessage('ORDER', 1)
  const connection = await world.nats.connection()
  await connection
    .jetstream()
    .publish(said.type, JSON.stringify({ ...said, causationid: event.id }), { msgID: `${said.id}/again` })
}

async function outbox() {
  const rows = await world.db.$queryRaw<
    { published: number | bigint }[]
  >(sql`SELECT event_id, \`key\`, subject,
    stream_seq, stream_epoch, published_at IS NOT NULL AS published FROM outbox ORDER BY stream_seq`)
  return rows.map((row) => ({ ...row, published: Number(row.published) === 1 }))
}

async function forgetSaid(...keys: string[]): Promise<void> {
  for (const key of keys) await world.db.$executeRaw(sql`DELETE FROM outbox WHERE \`key\` = ${key}`)
}
