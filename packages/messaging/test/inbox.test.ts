import { inTransaction, sql } from '@spawnpoint/database'
import { done, eventually, type Listener, openListener, paymentEvent, paymentEvents } from '@spawnpoint/stack'
import { beforeEach, expect, test } from 'vitest'
import { firstTimeOf, recordAttempt } from '../src/consumer/inbox.ts'
import { processBatch } from '../src/consumer/process-batch.ts'
import { appendOutbox } from '../src/outbox/outbox.ts'

let listener: Listener

beforeEach(async () => {
  listener = await openListener()
  return () => listener[Symbol.asyncDispose]()
})

const take = (batchId: string, events: ReturnType<typeof paymentEvents>) =>
  inTransaction(listener.prisma, (tx) => firstTimeOf(tx, { consumer: 'test', batchId, events }))

test.each([
  [3, 0],
  [3, 1],
  [3, 2],
  [4, 2],
  [3, 3],
])('of %i events, %i of them known, the others are first, in the order they came', async (all, known) => {
  const events = paymentEvents(all).toReversed()
  const before = events.slice(0, known)
  if (known > 0) expect(await take('earlier', before)).toEqual(before)
  // Twice, so that the first of them are known at the very moment at which they come again.
  expect(await take('now', [...events, ...events])).toEqual(events.slice(known))
  expect(await take('again', events)).toEqual([])
})

test('an event of which only an attempt is known comes for the first time, and keeps its attempts', async () => {
  const [tried, fresh] = [paymentEvent('tried'), paymentEvent('fresh')]
  await recordAttempt(listener.prisma, { consumer: 'test', event: tried, attemptId: 'attempt' })
  await listener.prisma.$executeRaw(sql`UPDATE inbox SET reason = 'Error: once' WHERE event_id = ${tried.id}`)
  expect(await take('now', [tried, fresh])).toEqual([tried, fresh])
  expect(await listener.inboxOf(tried)).toEqual({ attempts: 1, failures: 0, outcome: 'done', reason: null })
  expect(await take('again', [tried, fresh])).toEqual([])
})

test('a batch reports whether it has outgoing events, so that the relay is woken for those that have', async () => {
  const [without, withOutgoing] = [paymentEvent('silent'), paymentEvent('withOutgoing')]
  const decide: typeof done = async (tx, events, now) => {
    await appendOutbox(
      tx,
      events.filter(({ id }) => id === withOutgoing.id),
    )
    return done(tx, events, now)
  }
  const process = (event: typeof withOutgoing) =>
    processBatch({ prisma: listener.prisma, consumer: 'test', decide }, [event])
  expect(await process(without)).toMatchObject({ hasOutgoing: false })
  expect(await process(withOutgoing)).toMatchObject({ hasOutgoing: true })
  expect(await process(withOutgoing)).toEqual({ hasOutgoing: false, outcomes: new Map() })
})

test('what a consumer does not accept is acknowledged and leaves nothing', async () => {
  const [accepted, other] = [paymentEvent('accepted'), paymentEvent('other')]
  await listener.publish([other, accepted, other])
  listener.listen({ accepts: ({ subject }) => subject === accepted.subject })
  await listener.allDone([accepted])
  await eventually(async () =>
    expect(await listener.durable()).toMatchObject({ num_ack_pending: 0, num_pending: 0 }),
  )
  expect(await listener.inboxOf(other)).toBeUndefined()
})
