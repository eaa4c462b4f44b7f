import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AnyEvent } from '@spawnpoint/contracts'
import { againAfterRaces, sql } from '@spawnpoint/database'
import {
  eventually,
  type Listener,
  log,
  openListener,
  type PrivateNats,
  paymentEvent,
  paymentEvents,
  startPrivateNats,
} from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { storedMessage, streamManager } from '../src/connection/streams.ts'
import { appendOutbox } from '../src/outbox/outbox.ts'
import { eventIdOf } from '../src/outbox/publish.ts'
import { startRelay } from '../src/outbox/relay.ts'
import { startStreamRepair } from '../src/repair/repair-streams.ts'

let listener: Listener
let server: PrivateNats
let dataDir: string
let relay: ReturnType<typeof startRelay>

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'spawnpoint-reconcile-'))
  const binary = process.env.SPAWNPOINT_TEST_NATS_SERVER ?? 'nats-server'
  server = await startPrivateNats({ binary, dataDir: join(dataDir, 'nats') })
  listener = await openListener({ server })
  const { prisma, nats } = listener
  relay = startRelay({ prisma, nats, stream: 'BILLING', timeScale: 0.1, log })
})
afterEach(async () => {
  await relay.stop()
  await listener[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  rmSync(dataDir, { recursive: true, force: true })
})

/** What was acknowledged a moment ago counts as settled. */
function openRepair() {
  const { prisma, nats, cleanUp } = listener
  const streamRepair = startStreamRepair({
    prisma,
    nats,
    stream: 'BILLING',
    timeScale: 0,
    wakeRelay: relay.wake,
    log,
  })
  cleanUp.own({ [Symbol.asyncDispose]: streamRepair.stop })
  return streamRepair
}

async function publish(...events: AnyEvent[]) {
  await appendOutbox(listener.prisma, events)
  relay.wake()
  await allPublished()
}

const allPublished = () =>
  eventually(async () => {
    const waiting = await listener.prisma.$queryRaw<unknown[]>(
      sql`SELECT seq FROM outbox WHERE published_at IS NULL LIMIT 1`,
    )
    expect(waiting).toEqual([])
  })

/** The ids that the stream holds, in its order. */
async function held(): Promise<(string | undefined)[]> {
  const { state } = await (await streamManager(listener.nats)).streams.info('BILLING')
  const ids: (string | undefined)[] = []
  for (let seq = state.first_seq; seq <= state.last_seq; seq += 1)
    ids.push(eventIdOf((await storedMessage(listener.nats, 'BILLING', seq))?.header))
  return ids.filter((id) => id !== undefined)
}

const idsOf = (events: AnyEvent[]) => events.map(({ id }) => id)

/** The store, or only its messages, go back to how they were when `meanwhile` began, as after a power failure. */
async function loseTail(meanwhile: () => Promise<void>, what = '') {
  const [store, copy] = [join(dataDir, 'nats/streams', what), join(dataDir, 'copy')]
  await server.stop()
  cpSync(store, copy, { recursive: true })
  await server.start()
  await connected()
  await meanwhile()
  await server.stop()
  rmSync(store, { recursive: true })
  cpSync(copy, store, { recursive: true })
  await server.start()
  await connected()
}

const connected = () => eventually(() => expect(listener.nats.isConnected()).toBe(true))

test('a stream that was wiped is refilled from the outbox', async () => {
  const events = paymentEvents(1_200)
  await publish(...events)
  await server.wipe()
  await connected()
  openRepair()
  await eventually(async () => expect(await held()).toEqual(idsOf(events)), { timeoutMs: 20_000 })
})

test('a tail that was lost is republished', async () => {
  const [before, after] = [paymentEvents(5), [paymentEvent('a'), paymentEvent('b')]]
  await publish(...before)
  await loseTail(() => publish(...after))
  expect(await held()).toEqual(idsOf(before))
  openRepair()
  await eventually(async () => expect(await held()).toEqual(idsOf([...before, ...after])))
})

test('a tail that was lost and overwritten by newer messages is republished', async () => {
  const [before, lost] = [paymentEvents(5), [paymentEvent('a'), paymentEvent('b')]]
  const newer = [paymentEvent('c'), paymentEvent('d'), paymentEvent('e')]
  await publish(...before)
  await loseTail(() => publish(...lost))
  await publish(...newer)
  expect(await held()).toEqual(idsOf([...before, ...newer]))
  openRepair()
  await eventually(async () => expect(await held()).toEqual(idsOf([...before, ...newer, ...lost])))
})

test('a consumer that had processed the lost tail consumes what overwrote it', async () => {
  const [before, lost] = [paymentEvents(5), [paymentEvent('a'), paymentEvent('b')]]
  const newer = [paymentEvent('c')]
  await publish(...before)
  const consumer = listener.listen()
  await listener.allDone(before)
  await loseTail(async () => {
    await publish(...lost)
    await listener.allDone([...before, ...lost])
    await consumer.stop()
  }, 'jetstream/$G/streams/BILLING/msgs')
  expect(await held()).toEqual(idsOf(before))
  await publish(...newer)
  listener.listen()
  await listener.allDone([...before, ...lost, ...newer])
})

test('what is older than the stream keeps it is expired, not lost', async () => {
  const events = paymentEvents(10)
  await publish(...events)
  const longAgo = sql`UTC_TIMESTAMP(3) - INTERVAL 31 DAY`
  await againAfterRaces(() =>
    listener.prisma.$executeRaw(
      sql`UPDATE outbox SET created_at = ${longAgo}, published_at = ${longAgo} WHERE stream_seq < 8`,
    ),
  )
  await (await streamManager(listener.nats)).streams.purge('BILLING', { seq: 8 })
  const streamRepair = openRepair()
  expect(await streamRepair.tick()).toBe(0)
  expect(await held()).toEqual(idsOf(events.slice(7)))
})

test('a hole far behind the newest thousand is found by the sample and filled', async () => {
  const events = paymentEvents(1_500)
  await publish(...events)
  const manager = await streamManager(listener.nats)
  for (let seq = 2; seq <= 401; seq += 1) await manager.streams.deleteMessage('BILLING', seq)
  const streamRepair = openRepair()
  await eventually(
    async () => {
      await streamRepair.tick()
      await allPublished()
      expect((await held()).toSorted()).toEqual(idsOf(events).toSorted())
    },
    { timeoutMs: 40_000 },
  )
}, 60_000)
