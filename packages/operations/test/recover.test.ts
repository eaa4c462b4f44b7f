import { type AnyEvent, readEvent } from '@spawnpoint/contracts'
import { againAfterRaces, sql, type Transaction } from '@spawnpoint/database'
import { openLease, streamManager } from '@spawnpoint/messaging'
import { eventually } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { recover } from '../src/recovery/recover.ts'
import { consumers, log, openWorld } from './replay-world.ts'

let world: Awaited<ReturnType<typeof openWorld>>

beforeEach(async () => {
  world = await openWorld()
  await world.relay.stop()
})
afterEach(() => world?.[Symbol.asyncDispose]())

test('what it published since the backup is in the outbox again, under its ids, and is not republished', async () => {
  await world.emit('a', 'b', 'c')
  const before = await outbox()
  await forgetPublished('b', 'c')
  const restored: string[] = []
  const recovered = await recoverWorld(async (_, events) => {
    restored.push(...events.map(({ subject }) => subject))
  })
  expect(recovered.own).toEqual({ read: 3, restored: 2 })
  expect(restored).toEqual(['a', 'b', 'c'])
  expect(await outbox()).toEqual(before)
  await world.relay.tick()
  expect(await world.streamIds('ORDER')).toHaveLength(3)
})

test('what the backup holds as not yet published, but was, is not published again', async () => {
  await world.emit('a')
  await world.db.$executeRaw(
    sql`UPDATE outbox SET published_at = NULL, stream_seq = NULL, stream_epoch = NULL`,
  )
  expect((await recoverWorld()).own).toEqual({ read: 1, restored: 1 })
  expect(await outbox()).toMatchObject([{ key: 'a', published: true, stream_seq: 1n }])
})

test('it refuses a stream that does not reach back to the backup', async () => {
  await world.emit('a')
  await (await streamManager(world.nats)).streams.purge('ORDER')
  await world.emit('b')
  await forgetPublished('b')
  await expect(recoverWorld()).rejects.toThrow('does not reach back to the backup')
})

test('the causes of its own events are done; the rest is decided, and nothing is published twice', async () => {
  const [consumed, unknown] = await world.publish(payment(1), payment(2))
  await recoverWorld()
  expect(await world.payments()).toEqual({ 'order-1': 1, 'order-2': 1 })
  await eventually(async () => {
    await world.relay.tick()
    expect(await world.streamIds('ORDER')).toHaveLength(2)
  })
  // The backup is of before; that the first payment was consumed shows in the event that it caused.
  for (const table of [sql`outbox`, sql`inbox`, sql`payment_count`])
    await world.db.$executeRaw(sql`DELETE FROM ${table}`)
  await (await streamManager(world.nats)).streams.deleteMessage('ORDER', 2)
  await recoverWorld(async () => {}, causedBy(consumed))
  expect(await world.outcomes()).toEqual({ [String(consumed?.id)]: 'done', [String(unknown?.id)]: 'done' })
  expect(await world.payments()).toEqual({ 'order-2': 1 })
})

test('an event that cannot be decided becomes a dead letter: its durable brings it no more', async () => {
  const [poison, well] = await world.publish({ payment_id: 'cs_p', order_id: 'poison' }, payment(2))
  expect((await recoverWorld()).heard).toEqual({ BILLING: { read: 2, decided: 1, dead: 1 } })
  expect(await world.outcomes()).toEqual({ [String(poison?.id)]: 'dead', [String(well?.id)]: 'done' })
  const deadLetters = await world.db.$queryRaw(sql`SELECT event_id, class FROM dead_letter`)
  expect(deadLetters).toEqual([{ event_id: poison?.id, class: 'failed_in_recovery' }])
})

test('what the service does not consume is read, and leaves nothing', async () => {
  const [consumed] = await world.publish(payment(1), { payment_id: 'cs_u', order_id: 'not-accepted' })
  expect((await recoverWorld()).heard).toEqual({ BILLING: { read: 2, decided: 1, dead: 0 } })
  expect(await world.outcomes()).toEqual({ [String(consumed?.id)]: 'done' })
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
  await againAfterRaces(() => prisma.$executeRaw(sql`DELETE FROM lease`))
  return await recover({ prisma, nats, ownStream: 'ORDER', restore, consumers, log })
}

/** Republishes the event of ORDER with this event as its cause. */
async function causedBy(event: AnyEvent | undefined): Promise<void> {
  const manager = await streamManager(world.nats)
  const published = readEvent((await manager.streams.getMessage('ORDER', { seq: 1 })).data)
  if ('problem' in published || !event) throw new Error('Nothing was published')
  await manager.streams.deleteMessage('ORDER', 1)
  const connection = await world.nats.connection()
  await connection
    .jetstream()
    .publish(published.type, JSON.stringify({ ...published, causationid: event.id }), {
      msgID: `${published.id}/again`,
    })
}

async function outbox() {
  const rows = await world.db.$queryRaw<
    { published: number | bigint }[]
  >(sql`SELECT event_id, \`key\`, subject,
    stream_seq, stream_epoch, published_at IS NOT NULL AS published FROM outbox ORDER BY stream_seq`)
  return rows.map((row) => ({ ...row, published: Number(row.published) === 1 }))
}

async function forgetPublished(...keys: string[]): Promise<void> {
  for (const key of keys) await world.db.$executeRaw(sql`DELETE FROM outbox WHERE \`key\` = ${key}`)
}
