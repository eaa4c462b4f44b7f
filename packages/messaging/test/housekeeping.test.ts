import { join, raw, sql } from '@spawnpoint/database'
import { eventually, type Listener, log, openListener } from '@spawnpoint/stack'
import { nanos } from 'nats'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureStream, streamManager } from '../src/connection/streams.ts'
import { startHousekeeping } from '../src/jobs/housekeeping.ts'
import { openLease } from '../src/jobs/lease.ts'

const dayMs = 24 * 60 * 60 * 1000
let listener: Listener

beforeEach(async () => {
  listener = await openListener()
  await ensureStream(listener.nats, 'BILLING')
})
afterEach(() => listener?.[Symbol.asyncDispose]())

function keepHouse(options: { auditRetentionDays?: number } = {}) {
  const { prisma, nats } = listener
  const housekeeping = startHousekeeping({
    ...{ prisma, nats, stream: 'BILLING' as const, timeScale: 0.5, log },
    ...options,
  })
  listener.cleanUp.own({ [Symbol.asyncDispose]: housekeeping.stop })
  return housekeeping
}

const daysAgo = (days: number) => sql`UTC_TIMESTAMP(3) - INTERVAL ${days} DAY`

async function addOutbox(ids: string[], publishedAt: ReturnType<typeof sql>, createdAt = publishedAt) {
  const rows = ids.map(
    (id) => sql`(${id}, 'key', 'payment.failed', '{}', ${createdAt}, ${createdAt}, ${publishedAt})`,
  )
  await listener.prisma.$executeRaw(sql`INSERT INTO outbox
    (event_id, \`key\`, subject, envelope, created_at, next_attempt_at, published_at) VALUES ${join(rows)}`)
}

async function addInbox(ids: string[], receivedAt: ReturnType<typeof sql>, outcome: string | null) {
  const rows = ids.map((id) => sql`(${id}, 'test-billing', '', 'payment.failed', ${receivedAt}, ${outcome})`)
  await listener.prisma.$executeRaw(sql`INSERT INTO inbox
    (event_id, consumer, batch_id, type, received_at, outcome) VALUES ${join(rows)}`)
}

const idsIn = async (table: 'outbox' | 'inbox' | 'dead_letter') => {
  const from = { outbox: sql`outbox`, inbox: sql`inbox`, dead_letter: sql`dead_letter` }[table]
  const rows = await listener.prisma.$queryRaw<{ event_id: string }[]>(
    sql`SELECT event_id FROM ${from} ORDER BY event_id`,
  )
  return rows.map(({ event_id }) => event_id)
}

const many = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name}-${n}`)

test('what is older than any stream keeps goes, batch by batch; nothing unpublished or undecided does', async () => {
  await addOutbox(many('old', 1_100), daysAgo(32))
  await addOutbox(['young'], daysAgo(30))
  await addOutbox(['unpublished'], sql`NULL`, daysAgo(400))
  await addInbox(many('old', 700), daysAgo(32), 'done')
  await addInbox(['young'], daysAgo(30), 'done')
  await addInbox(['undecided'], daysAgo(400), null)
  await addInbox(['waiting'], daysAgo(400), 'parked')
  const housekeeping = keepHouse()
  await eventually(() =>
    expect(housekeeping.removed()).toEqual({
      outbox: 1_100,
      inbox: 700,
      dead_letters: 0,
      replays: 0,
      audit: 0,
    }),
  )
  expect(await idsIn('outbox')).toEqual(['unpublished', 'young'])
  expect(await idsIn('inbox')).toEqual(['undecided', 'waiting', 'young'])
})

test('a stream that its owner made longer is waited for, and one that keeps for ever keeps the rows', async () => {
  const { streams } = await streamManager(listener.nats)
  await addOutbox(['old'], daysAgo(50))
  await streams.update('BILLING', { max_age: nanos(60 * dayMs) })
  const housekeeping = keepHouse()
  await housekeeping.tick()
  await streams.update('BILLING', { max_age: 0 })
  await housekeeping.tick()
  expect(await idsIn('outbox')).toEqual(['old'])
  await streams.update('BILLING', { max_age: nanos(dayMs) })
  await housekeeping.tick()
  expect(await idsIn('outbox')).toEqual([])
})

test('dead letters go ninety days after they were resolved, open ones never', async () => {
  const deadLetter = (id: string, resolvedAt: ReturnType<typeof sql>) =>
    sql`(${id}, 'test-billing', 'refused', 'e', 'e', 'payment.failed', '{}', ${daysAgo(400)}, ${resolvedAt})`
  await listener.prisma.$executeRaw(sql`INSERT INTO dead_letter
    (event_id, consumer, class, first_error, last_error, subject, envelope, created_at, resolved_at)
    VALUES ${join([deadLetter('old', daysAgo(91)), deadLetter('young', daysAgo(89)), deadLetter('open', sql`NULL`)])}`)
  await keepHouse().tick()
  expect(await idsIn('dead_letter')).toEqual(['open', 'young'])
})

test('a replay goes after ninety days, with what it found', async () => {
  const replay = (
    id: string,
    days: number,
  ) => sql`(${id}, '{}', 'done', ${daysAgo(days)}, 1, 1, '', 1, 1, '{}',
    ${daysAgo(days)}, ${daysAgo(days)})`
  await listener.prisma.$executeRaw(sql`INSERT INTO replay
    (id, request, state, alive_until, next_seq, end_seq, epoch, total, done, counts, created_at, updated_at)
    VALUES ${join([replay('old', 91), replay('young', 89)])}`)
  await listener.prisma.$executeRaw(sql`INSERT INTO replay_finding (replay_id, seq, event_id, type, order_id, outcome)
    VALUES ('old', 1, 'e', 't', 'o', 'done'), ('young', 1, 'e', 't', 'o', 'done')`)
  await keepHouse().tick()
  const rows = (table: string) =>
    listener.prisma.$queryRaw<{ id: string }[]>(
      raw(`SELECT ${table === 'replay' ? 'id' : 'replay_id AS id'} FROM ${table}`),
    )
  expect(await rows('replay')).toEqual([{ id: 'young' }])
  expect(await rows('replay_finding')).toEqual([{ id: 'young' }])
})

test('audit entries go when their retention is over, and stay for ever where it is 0', async () => {
  const entry = (id: string, days: number) => sql`(${daysAgo(days)}, 'alex', 'PUT', '/', '/', 200, ${id})`
  const rows = [...many('old', 700).map((id) => entry(id, 11)), entry('young', 9)]
  await listener.prisma.$executeRaw(sql`INSERT INTO audit
    (at, api_key, method, route, path, status, request_id) VALUES ${join(rows)}`)
  const kept = () =>
    listener.prisma.$queryRaw<{ request_id: string }[]>(sql`SELECT request_id FROM audit ORDER BY request_id`)
  const forEver = keepHouse({ auditRetentionDays: 0 })
  await forEver.tick()
  await forEver.stop()
  expect(await kept()).toHaveLength(701)
  const housekeeping = keepHouse({ auditRetentionDays: 10 })
  await eventually(() => expect(housekeeping.removed()).toMatchObject({ audit: 700 }))
  expect(await kept()).toEqual([{ request_id: 'young' }])
})

test('one replica at a time keeps house', async () => {
  const other = openLease(listener.prisma, 'housekeeping')
  expect(await other.hold()).toBe(true)
  await addOutbox(['old'], daysAgo(32))
  const housekeeping = keepHouse()
  expect(await housekeeping.tick()).toBe(0)
  await other.release()
  await housekeeping.tick()
  expect(await idsIn('outbox')).toEqual([])
})
