import { inTransaction, sql } from '@spawnpoint/database'
import { eventually } from '@spawnpoint/stack'
import { beforeEach, expect, test } from 'vitest'
import { firstTimeOf, recordAttempt } from '../src/consumer/inbox.ts'
import { processList } from '../src/consumer/process-batch.ts'
import { appendOutbox } from '../src/outbox/outbox.ts'
import { done } from './effects.ts'
import { type Listener, openListener } from './listener.ts'
import { paymentEvent, paymentEvents } from './payments.ts'

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

test('whether a list says something is known, so that a relay is woken for those that do', async () => {
  const [silent, loud] = [paymentEvent('silent'), paymentEvent('loud')]
  const decide: typeof done = async (tx, events, now) => {
    await appendOutbox(
      tx,
      events.filter(({ id }) => id === loud.id),
    )
    return done(tx, events, now)
  }
  const process = (event: typeof loud) =>
    processList({ prisma: listener.prisma, consumer: 'test', decide }, [event])
  expect(await process(silent)).toMatchObject({ says: false })
  expect(await process(loud)).toMatchObject({ says: true })
  expect(await process(loud)).toEqual({ says: false, outcomes: new Map() })
})

test('what a consumer does not hear is acknowledged and leaves nothing', async () => {
  const [heard, unheard] = [paymentEvent('heard'), paymentEvent('unheard')]
  await listener.publish([unheard, heard, unheard])
  listener.listen({ hears: ({ subject }) => subject === heard.subject })
  await listener.allDone([heard])
  await eventually(async () =>
    expect(await listener.durable()).toMatchObject({ num_ack_pending: 0, num_pending: 0 }),
  )
  expect(await listener.inboxOf(unheard)).toBeUndefined()
})
