import type { AnyEvent } from '@spawnpoint/contracts'
import { againAfterRaces, sql } from '@spawnpoint/database'
import { eventually, type Listener, log, openListener, paymentEvent, paymentEvents } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { describeLimits } from '../src/connection/stream-limits.ts'
import { ensureStream, storedMessage, streamManager } from '../src/connection/streams.ts'
import { appendOutbox } from '../src/outbox/outbox.ts'
import { eventIdOf } from '../src/outbox/publish.ts'
import { startRelay } from '../src/outbox/relay.ts'
import { type StreamRepair, startStreamRepair } from '../src/repair/repair-streams.ts'
import { lagOf } from '../src/start-messaging.ts'

const read = paymentEvents(6)
const unread = [paymentEvent('unread-1'), paymentEvent('unread-2')]

let listener: Listener
let relay: ReturnType<typeof startRelay>
let streamRepair: StreamRepair

beforeEach(async () => {
  listener = await openListener()
  const { prisma, nats, cleanUp } = listener
  relay = startRelay({ prisma, nats, stream: 'BILLING', log })
  cleanUp.own({ [Symbol.asyncDispose]: relay.stop })
  streamRepair = await openRepair()
})
afterEach(() => listener[Symbol.asyncDispose]())

/** One that, after its first check, checks only when told to. */
async function openRepair(): Promise<StreamRepair> {
  const { prisma, nats, cleanUp } = listener
  const opened = startStreamRepair({
    ...{ prisma, nats, stream: 'BILLING', log },
    consumers: ['test-billing'],
    timeScale: 100,
    wakeRelay: relay.wake,
  })
  cleanUp.own({ [Symbol.asyncDispose]: opened.stop })
  await opened.tick()
  return opened
}

async function publish(...events: AnyEvent[]) {
  await appendOutbox(listener.prisma, events)
  relay.wake()
  await allPublished()
}

const allPublished = () =>
  eventually(async () => expect(await lagOf(listener.prisma)).toMatchObject({ outbox_waiting: 0 }))

const limits = async () => describeLimits(await ensureStream(listener.nats, 'BILLING'))

/** Six events that the consumer has acknowledged, and two that were published while it is down. */
async function twoUnread() {
  const consumer = listener.listen()
  await publish(...read)
  await listener.allDone(read)
  await eventually(async () => expect((await listener.durable()).ack_floor.stream_seq).toBe(6))
  await streamRepair.check()
  await consumer.stop()
  await publish(...unread)
}

async function held(): Promise<(string | undefined)[]> {
  const { state } = await ensureStream(listener.nats, 'BILLING')
  const ids: (string | undefined)[] = []
  for (let seq = state.first_seq; seq <= state.last_seq; seq += 1)
    ids.push(eventIdOf((await storedMessage(listener.nats, 'BILLING', seq))?.header))
  return ids.filter((id) => id !== undefined)
}

const idsOf = (events: AnyEvent[]) => events.map(({ id }) => id)
const manager = () => streamManager(listener.nats)

async function limitBy(limit: object) {
  const { streams } = await manager()
  const { config } = await streams.info('BILLING')
  await streams.update('BILLING', { ...config, ...limit })
}

test('what was purged before the consumer read it is republished at the next check, and nothing else', async () => {
  await twoUnread()
  await (await manager()).streams.purge('BILLING')
  expect(await streamRepair.check()).toBe(2)
  await allPublished()
  expect(await held()).toEqual(idsOf(unread))
  expect(await streamRepair.check()).toBe(0)
  listener.listen()
  await listener.allDone([...read, ...unread])
})

test('a first check after a purge cannot know what was read and republishes all of it', async () => {
  const consumer = listener.listen()
  await publish(...read)
  await listener.allDone(read)
  await consumer.stop()
  await againAfterRaces(() => listener.prisma.$executeRaw(sql`DELETE FROM stream_progress`))
  await (await manager()).streams.purge('BILLING')
  expect(await streamRepair.check()).toBe(6)
  expect(await streamRepair.check()).toBe(0)
  listener.listen()
  await listener.allDone(read)
})

test('what every consumer had acknowledged stays purged', async () => {
  await twoUnread()
  listener.listen()
  await listener.allDone([...read, ...unread])
  await eventually(async () => expect((await listener.durable()).ack_floor.stream_seq).toBe(8))
  await streamRepair.check()
  await (await manager()).streams.purge('BILLING')
  expect(await streamRepair.check()).toBe(0)
  await streamRepair.stop()
  const afterRestart = await openRepair()
  expect(await afterRestart.check()).toBe(0)
  expect(await held()).toEqual([])
})

test('a purge of one subject, or of the older half, loses nothing that is unread', async () => {
  await twoUnread()
  await (await manager()).streams.purge('BILLING', { seq: 8 })
  await (await manager()).streams.purge('BILLING', { filter: 'payment.failed' })
  await eventually(async () => {
    await streamRepair.check()
    expect((await held()).toSorted()).toEqual(idsOf(unread).toSorted())
  })
})

test('a message deleted before it was read is republished, from the middle as from the front', async () => {
  await twoUnread()
  const later = paymentEvent('later')
  await publish(later)
  for (const seq of [1, 7]) await (await manager()).streams.deleteMessage('BILLING', seq)
  await streamRepair.check()
  await allPublished()
  expect(await held()).toContain(unread[0]?.id)
  listener.listen()
  await listener.allDone([...read, ...unread, later])
})

test('a limit set by hand is reported, and what it pushed out unread comes back as the consumer catches up', async () => {
  await twoUnread()
  expect(await limits()).toBeNull()
  await limitBy({ max_msgs: 4, discard: 'old' })
  expect((await limits())?.problem).toContain('max_msgs 4')
  const more = paymentEvents(20).slice(6)
  await publish(...more)
  // The consumer is down: what were published now would only push out what it has yet to read.
  expect(await streamRepair.check()).toBe(0)
  listener.listen()
  await eventually(
    async () => {
      await streamRepair.check()
      await listener.allDone([...read, ...unread, ...more], 200)
    },
    { timeoutMs: 20_000 },
  )
  await eventually(async () => expect(await streamRepair.check()).toBe(0))
})

test('what expired unread by an age set by hand comes back', async () => {
  await twoUnread()
  await limitBy({ max_age: 1e9, duplicate_window: 1e9 })
  expect((await limits())?.problem).toContain('max_age 1 s')
  await eventually(async () => expect(await held()).toEqual([]))
  await limitBy({ max_age: 3_600 * 1e9 })
  expect(await streamRepair.check()).toBe(2)
  listener.listen()
  await listener.allDone([...read, ...unread])
})

test('a stream deleted and recreated has everything again, which is read once', async () => {
  await twoUnread()
  await (await manager()).streams.delete('BILLING')
  expect(await streamRepair.tick()).toBe(8)
  await allPublished()
  listener.listen()
  await listener.allDone([...read, ...unread])
  expect((await held()).toSorted()).toEqual(idsOf([...read, ...unread]).toSorted())
})

test('what a consumer has yet to read is not forgotten with the consumer', async () => {
  await twoUnread()
  await (await manager()).consumers.delete('BILLING', 'test-billing')
  await (await manager()).streams.purge('BILLING')
  expect(await streamRepair.check()).toBe(2)
  listener.listen()
  await listener.allDone([...read, ...unread])
})

test('a full stream keeps what it has, new events wait in the outbox, and both are read once it may hold more', async () => {
  await twoUnread()
  const { config, state } = await ensureStream(listener.nats, 'BILLING')
  await limitBy({ max_bytes: state.bytes })
  const more = paymentEvents(12).slice(6)
  await appendOutbox(listener.prisma, more)
  relay.wake()
  await eventually(async () => {
    const failed = await listener.prisma.$queryRaw<{ last_error: string }[]>(
      sql`SELECT last_error FROM outbox WHERE published_at IS NULL AND last_error IS NOT NULL`,
    )
    expect(failed).toHaveLength(more.length)
    expect(failed[0]?.last_error).toContain('maximum bytes exceeded')
  })
  expect(await held()).toEqual(idsOf([...read, ...unread]))
  await limitBy({ max_bytes: config.max_bytes })
  await allPublished()
  listener.listen()
  await listener.allDone([...read, ...unread, ...more])
})
