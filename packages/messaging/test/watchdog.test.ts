import type { AnyEvent } from '@spawnpoint/contracts'
import { eventually, type Listener, log, openListener, paymentEvent, paymentEvents } from '@spawnpoint/stack'
import { AckPolicy, type JetStreamClient, type NatsConnection, nanos } from 'nats'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Nats } from '../src/connection/connect.ts'
import { ensureStream, streamManager } from '../src/connection/streams.ts'
import { consumeAdvisories } from '../src/consumer/advisories.ts'

let listener: Listener

beforeEach(async () => {
  listener = await openListener()
})
afterEach(() => listener?.[Symbol.asyncDispose]())

test('a consumer that stalls is reopened', async () => {
  const events = paymentEvents(3)
  const { nats, opened } = silentAtFirst(listener.nats)
  await listener.publish(events)
  listener.listen({ nats })
  await listener.allDone(events)
  expect(opened()).toBe(2)
})

test('a consumer waits for a stream that its service has not made yet', async () => {
  listener.listen()
  const events = paymentEvents(3)
  await expect(listener.durable()).rejects.toThrow('stream not found')
  await listener.publish(events)
  await listener.allDone(events)
})

test('a durable that was changed by hand is set back', async () => {
  await ensureStream(listener.nats, 'BILLING')
  listener.listen()
  const wanted = await eventually(() => listener.durable())
  const { consumers } = await streamManager(listener.nats)
  await consumers.update('BILLING', 'test-billing', {
    max_deliver: 3,
    ack_wait: nanos(30_000),
    max_ack_pending: 1,
  })
  expect((await listener.durable()).config).not.toEqual(wanted.config)
  await eventually(async () => expect((await listener.durable()).config).toEqual(wanted.config))
  const events = paymentEvents(3)
  await listener.publish(events)
  await listener.allDone(events)
})

test('a durable that was deleted is recreated and consumes everything, of which nothing is done twice', async () => {
  const events = paymentEvents(3)
  await listener.publish(events)
  listener.listen()
  await listener.allDone(events)
  await (await streamManager(listener.nats)).consumers.delete('BILLING', 'test-billing')
  const more = paymentEvent('more')
  await listener.publish([more])
  await listener.allDone([...events, more])
})

/** A durable that gives up after one delivery, and what it delivered to a process that never answered. */
async function deliverOnce(events: AnyEvent[], { messages: count = events.length } = {}) {
  await listener.publish(events)
  await ensureStream(listener.nats, 'BILLING')
  const { consumers } = await streamManager(listener.nats)
  await consumers.add('BILLING', {
    durable_name: 'test-billing',
    ack_policy: AckPolicy.Explicit,
    max_deliver: 1,
    ack_wait: nanos(300),
  })
  const { prisma, nats } = listener
  const advisories = consumeAdvisories({ nats, prisma, stream: 'BILLING', name: 'test-billing', log })
  listener.cleanUp.own({ [Symbol.asyncDispose]: advisories.stop })
  const connection = await nats.connection()
  await connection.flush()
  const consumer = await connection.jetstream().consumers.get('BILLING', 'test-billing')
  const messages = []
  for await (const message of await consumer.fetch({ max_messages: count, expires: 1_000 }))
    messages.push(message)
  // JetStream notices only when it is asked for more.
  void consumer.next({ expires: 5_000 }).catch(() => {})
  return messages
}

test('what JetStream gives up after its own count is a dead letter', async () => {
  const [event] = paymentEvents(1)
  if (!event) throw new Error('One event')
  await deliverOnce([event])
  await eventually(async () =>
    expect(await listener.deadLetters()).toMatchObject([{ event_id: event.id, class: 'max_deliveries' }]),
  )
  expect(await listener.inboxOf(event)).toMatchObject({ outcome: 'dead' })
})

test('what was terminated by hand is a dead letter, but not what is already decided', async () => {
  const [decided, terminated] = paymentEvents(2)
  if (!decided || !terminated) throw new Error('Two events')
  const another = listener.listen({ name: 'another' })
  await listener.publish([decided])
  await listener.allDone([decided])
  await another.stop()
  const messages = await deliverOnce([terminated], { messages: 2 })
  expect(messages).toHaveLength(2)
  for (const message of messages) message.term()
  await eventually(async () => expect(await listener.deadLetters()).toHaveLength(1))
  expect(await listener.deadLetters()).toMatchObject([{ event_id: terminated.id, class: 'terminated' }])
})

/** The first subscription of a consumer never delivers anything, without an error. */
function silentAtFirst(real: Nats): { nats: Nats; opened: () => number } {
  let opened = 0
  const client = (connection: NatsConnection): JetStreamClient => {
    const js = connection.jetstream()
    return replacing(js, {
      consumers: replacing(js.consumers, {
        get: async (...name: Parameters<typeof js.consumers.get>) => {
          const consumer = await js.consumers.get(...name)
          opened += 1
          return opened > 1 ? consumer : replacing(consumer, { consume: async () => silence() })
        },
      }),
    })
  }
  return {
    opened: () => opened,
    nats: {
      ...real,
      connection: async () => {
        const connection = await real.connection()
        return replacing(connection, { jetstream: () => client(connection) })
      },
    },
  }
}

function silence() {
  let end = () => {}
  const ended = new Promise<void>((resolve) => (end = resolve))
  const nothing = {
    [Symbol.asyncIterator]: () => ({ next: () => ended.then(() => ({ done: true, value: undefined })) }),
  }
  return { ...nothing, status: async () => nothing, stop: end }
}

function replacing<T extends object>(thing: T, by: object): T {
  return new Proxy(thing, {
    get(target, name) {
      const value = Reflect.get(name in by ? by : target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
