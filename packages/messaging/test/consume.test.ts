import { againAfterRaces, sql } from '@spawnpoint/database'
import {
  done,
  eventually,
  type Listener,
  log,
  openClient,
  openListener,
  paymentEvent,
  paymentEvents,
} from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureStream, streamManager } from '../src/connection/streams.ts'
import { ensureDurable } from '../src/consumer/durable.ts'
import { openProxy } from './proxy.ts'

let listener: Listener

beforeEach(async () => {
  listener = await openListener()
})
afterEach(() => listener?.[Symbol.asyncDispose]())

/** Holds the consumer in its first decision until all the rest waits behind it, so that the rest comes as one batch. */
async function listenToBatches(decide: typeof done) {
  const opener = paymentEvent('opener')
  let open = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  const batches: string[][] = []
  await listener.publish([opener])
  listener.listen({
    decide: async (tx, events, now) => {
      batches.push(events.map(({ subject }) => subject))
      if (events[0]?.id === opener.id) await opened
      return decide(tx, events, now)
    },
  })
  await eventually(() => expect(batches).toHaveLength(1))
  return {
    opener,
    batches,
    release: async (waiting: number) => {
      await eventually(async () => expect((await listener.durable()).num_ack_pending).toBe(waiting + 1))
      open()
    },
  }
}

test('one poison message in a batch of 64 is isolated, and the other messages commit once', async () => {
  const events = paymentEvents(64)
  const poison = events[13] as (typeof events)[number]
  const { opener, batches, release } = await listenToBatches(async (tx, batch, now) => {
    if (batch.some(({ id }) => id === poison.id)) throw new Error('Cannot be digested')
    return done(tx, batch, now)
  })
  await listener.publish(events)
  await release(64)
  await listener.allDone([opener, ...events.filter(({ id }) => id !== poison.id)])
  await eventually(async () => expect(await listener.deadLetters()).toHaveLength(1))
  expect(batches[1]).toHaveLength(64)
  expect(await listener.deadLetters()).toMatchObject([
    { event_id: poison.id, class: 'failed_too_often', first_error: 'Error: Cannot be digested', attempts: 1 },
  ])
  expect(await listener.inboxOf(poison)).toMatchObject({ attempts: 8, failures: 8, outcome: 'dead' })
  await listener.allDone([opener, ...events.filter(({ id }) => id !== poison.id)])
})

test('a batch holds no more than a megabyte, except for a single larger event', async () => {
  const events = paymentEvents(4).map((event) => ({
    ...event,
    data: { ...event.data, of_a_later_version: 'x'.repeat(400_000) },
  })) as ReturnType<typeof paymentEvents>
  const { opener, batches, release } = await listenToBatches(done)
  await listener.publish(events)
  await release(4)
  await listener.allDone([opener, ...events])
  expect(batches.map((batch) => batch.length)).toEqual([1, 2, 2])
})

test('what one crash brings back still runs in a batch', async () => {
  // However many come at once; no attempt of any is written down.
  const seen = await decidedAfterCrashes(1)
  expect(seen.length).toBeLessThan(5)
  expect(new Set(seen.map(({ attempts }) => attempts))).toEqual(new Set([undefined]))
})

test('what is delivered a third time is isolated, and its attempt is committed before it is decided', async () => {
  expect(await decidedAfterCrashes(2)).toEqual(Array.from({ length: 5 }, () => ({ size: 1, attempts: 1 })))
})

async function decidedAfterCrashes(crashes: number) {
  const events = paymentEvents(5)
  await listener.publish(events)
  await ensureDurable({ nats: listener.nats, stream: 'BILLING', name: 'test-billing', timeScale: 0.01, log })
  const consumer = await (await listener.nats.connection())
    .jetstream()
    .consumers.get('BILLING', 'test-billing')
  for (let crash = 0; crash < crashes; crash += 1)
    for await (const _ of await consumer.fetch({ max_messages: 5, expires: 5_000 })); // a process that died
  const seen: { size: number; attempts: number | undefined }[] = []
  listener.listen({
    decide: async (tx, batch, now) => {
      const [event] = batch
      seen.push({ size: batch.length, attempts: event && (await listener.inboxOf(event))?.attempts })
      return done(tx, batch, now)
    },
  })
  await listener.allDone(events)
  return seen
}

test('the same message twice in one batch is decided once', async () => {
  const { opener, release } = await listenToBatches(done)
  const [event, other] = paymentEvents(2)
  if (!event || !other) throw new Error('Two events')
  const client = (await listener.nats.connection()).jetstream()
  for (const twin of [event, event, other]) await client.publish(twin.type, JSON.stringify(twin))
  await release(3)
  await listener.allDone([opener, event, other])
  await eventually(async () => expect((await listener.durable()).num_ack_pending).toBe(0))
  await listener.allDone([opener, event, other])
})

test('two replicas of one consumer share the events and commit each once', async () => {
  const events = paymentEvents(400)
  const counts = [0, 0]
  for (const replica of [0, 1])
    listener.listen({
      decide: async (tx, batch, now) => {
        counts[replica] = (counts[replica] ?? 0) + batch.length
        return done(tx, batch, now)
      },
    })
  await listener.publish(events)
  await listener.allDone(events)
  expect(Math.min(...counts)).toBeGreaterThan(0)
  expect(await listener.deadLetters()).toEqual([])
})

test('a database that goes away under a lone message counts for nobody, however often', async () => {
  const proxy = listener.cleanUp.own(await openProxy(listener.database.url))
  const through = listener.cleanUp.own(openClient(proxy.url))
  const event = paymentEvent('unlucky')
  let calls = 0
  await listener.publish([event])
  listener.listen({
    prisma: through,
    decide: async (tx, batch, now) => {
      calls += 1
      // In the batch, and once isolated.
      if (calls <= 2) throw new Error('Not this time')
      if (calls <= 5) proxy.cut()
      return done(tx, batch, now)
    },
  })
  await eventually(
    () => {
      if (proxy.isCut()) proxy.mend()
      expect(calls).toBeGreaterThan(5)
    },
    { timeoutMs: 20_000 },
  )
  await listener.allDone([event])
  // Its own failure's, and the one that outlasted three outages.
  expect(await listener.inboxOf(event)).toMatchObject({ attempts: 2, failures: 1, outcome: 'done' })
}, 40_000)

test('a message that nobody can read is a dead letter at once, and one that is resolved stays so when it comes again', async () => {
  const client = (await listener.nats.connection()).jetstream()
  await listener.publish([])
  await client.publish('payment.ü', '{"half":', { msgID: 'not an id of ours' })
  const event = paymentEvent('after')
  await listener.publish([event])
  listener.listen()
  await listener.allDone([event])
  const deadLetter = { event_id: 'BILLING/1', class: 'invalid_event', attempts: 1 }
  expect(await listener.deadLetters()).toMatchObject([{ ...deadLetter, resolved_at: null }])

  await againAfterRaces(() =>
    listener.prisma.$executeRaw(sql`UPDATE dead_letter SET resolved_at = UTC_TIMESTAMP(3)`),
  )
  await (await streamManager(listener.nats)).consumers.delete('BILLING', 'test-billing')
  await eventually(async () => expect((await listener.durable()).ack_floor.stream_seq).toBe(2))
  expect(await listener.deadLetters()).toMatchObject([{ ...deadLetter, resolved_at: expect.any(Date) }])
  await listener.allDone([event])
})

test('an event that came on another subject than its own is a dead letter, for that subject decides who may publish it', async () => {
  const forged = paymentEvent('forged')
  await ensureStream(listener.nats, 'BILLING')
  const connection = await listener.nats.connection()
  await connection.jetstream().publish('subscription.changed', JSON.stringify(forged))
  const events = paymentEvents(2)
  await listener.publish(events)
  listener.listen()
  await listener.allDone(events)
  expect(await listener.deadLetters()).toMatchObject([{ class: 'wrong_subject' }])
})
