import type { AnyEvent } from '@spawnpoint/contracts'
import { inTransaction, type Transaction } from '@spawnpoint/database'
import { eventually, openQueryPlans, type QueryPlans } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Decide,
  historiesOf,
  type Outcome,
  recordAttempt,
  recordFailure,
} from '../src/consumer/inbox.ts'
import { decideParked } from '../src/consumer/parked.ts'
import { processList } from '../src/consumer/process-batch.ts'
import { listDeadLetters, openLetterIds, resolveDeadLetters } from '../src/dead-letters/dead-letters.ts'
import { redriveDeadLetters } from '../src/dead-letters/redrive.ts'
import { startHousekeeping } from '../src/jobs/housekeeping.ts'
import { lagOf } from '../src/lag.ts'
import { startRelay } from '../src/outbox/relay.ts'
import { startReconciler } from '../src/repair/repair-streams.ts'
import { knownOf } from '../src/replay/replay-eligibility.ts'
import { readOutbox } from '../src/replay/replay-outbox.ts'
import { replayRequestSchema } from '../src/replay/replay-request.ts'
import { listFindings, listReplays } from '../src/replay/replay-runs.ts'
import { log } from './effects.ts'
import { addWork, fillTables } from './full-tables.ts'
import { type Listener, openListener } from './listener.ts'
import { paymentEvents } from './payments.ts'
import type { RawClient } from './raw-client.ts'

let listener: Listener
let plans: QueryPlans
let prisma: RawClient

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
  const reconciler = startReconciler({ ...options(), wakeRelay: () => {} })
  const ways = await plans.ways(async () => expect(await reconciler.tick()).toBe(0), { atMost: 1_300 })
  await reconciler.stop()
  expect(ways).toContain('select outbox by outbox_published_at_seq_idx')
  expect(ways).toContain('select outbox by outbox_stream_epoch_stream_seq_idx')
})

test('housekeeping finds what is old by its time and removes it by its key', async () => {
  const ways = await waysOf(async () => {
    const housekeeping = startHousekeeping(options())
    await housekeeping.tick()
    await housekeeping.stop()
  }, 1_100)
  expect(ways).toEqual(
    expect.arrayContaining([
      'select dead_letter by dead_letter_resolved_at_created_at_idx',
      'delete dead_letter by PRIMARY',
      'select replay by replay_created_at_idx',
      'delete replay_finding by PRIMARY',
      'select outbox by outbox_published_at_seq_idx',
      'delete outbox by PRIMARY',
      'select inbox by inbox_received_at_idx',
      'delete inbox by PRIMARY',
    ]),
  )
})

test('a consumer knows by its key what it heard', async () => {
  const events = paymentEvents(64)
  const [first] = events as [AnyEvent]
  const ways = await plans.ways(async () => {
    await historiesOf(
      prisma,
      events.map(({ id }) => id),
    )
    await recordAttempt(prisma, { consumer: 'test-billing', event: first, attemptId: 'a' })
    await recordFailure(prisma, { event: first, error: new Error('once') })
    await processList({ prisma, consumer: 'test-billing', decide: byTurns }, events)
    await knownOf(prisma, events)
  })
  expect(ways).toEqual(['select inbox by PRIMARY', 'update inbox by PRIMARY'])
})

test('what waits for a fact is found by the fact', async () => {
  const ways = await plans.ways(() =>
    inTransaction(prisma, (tx) => decideParked(tx, 'order:nobody', byTurns)),
  )
  expect(ways).toEqual(['select parked_event by parked_event_waiting_for_idx, sorted'])
})

test('dead letters are listed, counted and closed among the open ones', async () => {
  const open = { filter: { state: 'open', class: 'refused', type: 'payment.failed' } } as const
  const none = { filter: { state: 'open', class: 'unheard_of' } } as const
  const ways = await plans.ways(async () => {
    await listDeadLetters(prisma, { ...open, limit: 20 })
    await openLetterIds(prisma, open, 100)
    await resolveDeadLetters(prisma, none, { note: 'n', by: 'b' })
  })
  expect(ways).toEqual([
    'select dead_letter by dead_letter_resolved_at_created_at_idx',
    'update dead_letter by dead_letter_resolved_at_created_at_idx',
  ])
})

test.each(['open', 'resolved', 'all'] as const)(
  'pages of %s dead letters are read in their order',
  async (state) => {
    const ways = await plans.ways(async () => {
      const page = await listDeadLetters(prisma, { filter: { state }, limit: 20 })
      await listDeadLetters(prisma, { filter: { state }, limit: 20, after: page.at(-1)?.event_id })
    })
    expect(ways.filter((way) => way.includes('sorted'))).toEqual([])
  },
)

test('a dead letter is driven again by its key', async () => {
  const consumers = [{ name: 'test-billing', stream: 'BILLING' as const, decide: byTurns }]
  const which = { ids: ['letter-0', 'letter-100'] }
  const ways = await plans.ways(() =>
    redriveDeadLetters({ prisma, consumers, wake: () => {}, log }, which, { by: 'b', limit: 2 }),
  )
  expect(ways).toEqual(['select dead_letter by PRIMARY', 'update dead_letter by PRIMARY'])
})

test('what health shows is counted without a look at what is over', async () => {
  const [way] = await plans.ways(() => lagOf(prisma), { atMost: 3_000 })
  expect(way).toContain('outbox by outbox_published_at_seq_idx')
  expect(way).toContain('dead_letter by dead_letter_resolved_at_created_at_idx')
})

test('replays are read page by page, by their keys', async () => {
  const request = replayRequestSchema.parse({ stream: 'BILLING', type: 'payment.failed' })
  const ways = await plans.ways(async () => {
    await readOutbox(prisma, { request, fromSeq: 15_000, toSeq: 15_900 }).next()
    await listReplays(prisma, 20)
    await listFindings(prisma, { id: 'replay-1', after: 7_000, limit: 100 })
  })
  expect(ways).toEqual([
    'select outbox by PRIMARY',
    'select replay by replay_created_at_idx',
    'select replay_finding by PRIMARY',
  ])
})

/** Done, ignored and dead by turns. */
const byTurns: Decide<Transaction> = async (_, events) =>
  new Map(events.map(({ id }, n) => [id, turns[n % turns.length] ?? { outcome: 'done' }]))

const turns: Outcome[] = [
  { outcome: 'done' },
  { outcome: 'ignored', reason: 'for once' },
  { outcome: 'dead', class: 'refused', message: 'for ever' },
]
