import type { AnyEvent } from '@spawnpoint/contracts'
import { inTransaction, type Transaction } from '@spawnpoint/database'
import {
  addWork,
  eventually,
  fillTables,
  type Listener,
  log,
  openListener,
  openQueryPlans,
  paymentEvents,
  type QueryPlans,
  type TablesClient,
} from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Decide,
  historiesOf,
  type Outcome,
  recordAttempt,
  recordFailure,
} from '../src/consumer/inbox.ts'
import { decideParked } from '../src/consumer/parked.ts'
import { processBatch } from '../src/consumer/process-batch.ts'
import { startHousekeeping } from '../src/jobs/housekeeping.ts'
import { startRelay } from '../src/outbox/relay.ts'
import { startStreamRepair } from '../src/repair/repair-streams.ts'
import { lagOf } from '../src/start-messaging.ts'

let listener: Listener
let plans: QueryPlans
let prisma: TablesClient

beforeAll(async () => {
  listener = await openListener()
  plans = listener.cleanUp.own(await openQueryPlans(listener.database.url))
  prisma = plans.watch(listener.prisma)
  await fillTables(listener.prisma, listener.nats)
})
afterAll(() => listener?.[Symbol.asyncDispose]())

const options = () => ({ prisma, nats: listener.nats, stream: 'BILLING' as const, log })

/** Does it, and brings as much to do again: what was asked for is found once more when its plan is. */
const waysOf = (work: () => PromiseLike<unknown>, atMost?: number) =>
  plans.ways(
    async () => {
      await work()
      await addWork(listener.prisma)
    },
    { atMost },
  )

test('the relay finds what is due by its flag and marks it by its key', async () => {
  const ways = await waysOf(async () => {
    const relay = startRelay(options())
    await eventually(async () => expect(await lagOf(listener.prisma)).toMatchObject({ outbox_waiting: 0 }))
    await relay.stop()
  }, 300)
  expect(ways).toContain('select outbox by outbox_published_at_seq_idx')
  // Each row by itself: the flag is a part of that index, too.
  expect(ways).toContainEqual(
    expect.stringMatching(/^update outbox by (PRIMARY|outbox_published_at_seq_idx)$/),
  )
})

test('holding the stream against the outbox reads the newest page, not the outbox', async () => {
  const streamRepair = startStreamRepair({ ...options(), wakeRelay: () => {} })
  const ways = await plans.ways(async () => expect(await streamRepair.tick()).toBe(0), { atMost: 1_300 })
  await streamRepair.stop()
  expect(ways).toContain('select outbox by outbox_published_at_seq_idx')
  expect(ways).toContain('select outbox by outbox_stream_epoch_stream_seq_idx')
})

test('housekeeping finds what is old by its time and removes it by its key', async () => {
  const ways = await waysOf(async () => {
    const housekeeping = startHousekeeping({ ...options(), auditRetentionDays: 100 })
    await housekeeping.tick()
    await housekeeping.stop()
  }, 1_100)
  expect(ways).toEqual(
    expect.arrayContaining([
      'select dead_letter by dead_letter_resolved_at_created_at_idx',
      'delete dead_letter by PRIMARY',
      'select replay by replay_created_at_idx',
      'delete replay_finding by PRIMARY',
      'select audit by audit_at_seq_idx',
      'delete audit by PRIMARY',
      'select outbox by outbox_published_at_seq_idx',
      'delete outbox by PRIMARY',
      'select inbox by inbox_received_at_idx',
      'delete inbox by PRIMARY',
    ]),
  )
})

test('a consumer finds by its key what it received', async () => {
  const events = paymentEvents(64)
  const [first] = events as [AnyEvent]
  const ways = await plans.ways(async () => {
    await historiesOf(
      prisma,
      events.map(({ id }) => id),
    )
    await recordAttempt(prisma, { consumer: 'test-billing', event: first, attemptId: 'a' })
    await recordFailure(prisma, { event: first, error: new Error('once') })
    await processBatch({ prisma, consumer: 'test-billing', decide: alternating }, events)
  })
  expect(ways).toEqual(['select inbox by PRIMARY', 'update inbox by PRIMARY'])
})

test('what waits for a fact is found by the fact', async () => {
  const ways = await plans.ways(() =>
    inTransaction(prisma, (tx) => decideParked(tx, 'order:nobody', alternating)),
  )
  expect(ways).toEqual(['select parked_event by parked_event_waiting_for_idx, sorted'])
})

test('what health shows is counted without reading what is over', async () => {
  const [way] = await plans.ways(() => lagOf(prisma), { atMost: 3_000 })
  expect(way).toContain('outbox by outbox_published_at_seq_idx')
  expect(way).toContain('dead_letter by dead_letter_resolved_at_created_at_idx')
})

/** Done, ignored and dead, alternating. */
const alternating: Decide<Transaction> = async (_, events) =>
  new Map(events.map(({ id }, n) => [id, each[n % each.length] ?? { outcome: 'done' }]))

const each: Outcome[] = [
  { outcome: 'done' },
  { outcome: 'ignored', reason: 'for once' },
  { outcome: 'dead', class: 'refused', message: 'for ever' },
]
