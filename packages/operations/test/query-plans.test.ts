import {
  done,
  fillTables,
  type Listener,
  log,
  openClient,
  openListener,
  openQueryPlans,
  paymentEvents,
  type QueryPlans,
  type TablesClient,
} from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listAudit } from '../src/audit/audit-log.ts'
import { listDeadLetters, openDeadLetterIds, resolveDeadLetters } from '../src/dead-letters/dead-letters.ts'
import { redriveDeadLetters } from '../src/dead-letters/redrive.ts'
import { knownOf } from '../src/replay/replay-eligibility.ts'
import { readOutbox } from '../src/replay/replay-outbox.ts'
import { replayRequestSchema } from '../src/replay/replay-request.ts'
import { listFindings, listReplays } from '../src/replay/replay-runs.ts'

let listener: Listener
let plans: QueryPlans
let prisma: TablesClient

beforeAll(async () => {
  listener = await openListener()
  plans = listener.cleanUp.own(await openQueryPlans(listener.database.url))
  prisma = listener.cleanUp.own(openClient(listener.database.url, plans))
  await fillTables(listener.prisma, listener.nats)
})
afterAll(() => listener?.[Symbol.asyncDispose]())

test('a replay finds what was decided already by its key', async () => {
  const ways = await plans.ways(() => knownOf(prisma, paymentEvents(64)))
  expect(ways).toEqual(['select inbox by PRIMARY'])
})

test('dead letters are listed, counted and closed among the open ones', async () => {
  const open = { filter: { state: 'open', class: 'refused', type: 'payment.failed' } } as const
  const none = { filter: { state: 'open', class: 'unheard_of' } } as const
  const ways = await plans.ways(async () => {
    await listDeadLetters(prisma, { ...open, limit: 20 })
    await openDeadLetterIds(prisma, open, 100)
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
  const consumers = [{ name: 'test-billing', stream: 'BILLING' as const, decide: done }]
  const which = { ids: ['letter-0', 'letter-100'] }
  const ways = await plans.ways(() =>
    redriveDeadLetters({ prisma, consumers, wake: () => {}, log }, which, { by: 'b', limit: 2 }),
  )
  expect(ways).toEqual(['select dead_letter by PRIMARY', 'update dead_letter by PRIMARY'])
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

test.each([
  ['all', {}, 'audit_at_seq_idx'],
  ['those of a key', { key: 'key-1' }, 'audit_api_key_at_seq_idx'],
  ['those about an order', { subject: '77' }, 'audit_subject_at_seq_idx'],
] as const)('pages of the audit log are read in their order: %s', async (_, filter, index) => {
  const ways = await plans.ways(async () => {
    const page = await listAudit(prisma, { ...filter, limit: 20 })
    await listAudit(prisma, { ...filter, since: new Date(0), limit: 20, starting_after: page.at(-1)?.seq })
  })
  expect(ways).toEqual(expect.arrayContaining([`select audit by ${index}`]))
  expect(ways.filter((way) => way.includes('sorted'))).toEqual([])
})
