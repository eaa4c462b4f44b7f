import { againAfterRaces, join, sql, type Transaction } from '@spawnpoint/database'
import { eventually, type Listener, log, openListener, paymentEvent, paymentEvents } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { streamManager } from '../src/connection/streams.ts'
import { openLease } from '../src/jobs/lease.ts'
import { appendOutbox } from '../src/outbox/outbox.ts'
import { startRelay } from '../src/outbox/relay.ts'

let listener: Listener

beforeEach(async () => {
  listener = await openListener()
})
afterEach(() => listener?.[Symbol.asyncDispose]())

function openRelay({ pollMs = 400 } = {}) {
  const { prisma, nats } = listener
  const relay = startRelay({ prisma, nats, stream: 'BILLING', timeScale: 1, pollMs, log })
  listener.cleanUp.own({ [Symbol.asyncDispose]: relay.stop })
  return relay
}

type Row = { event_id: string; attempts: number; last_error: string | null; published_at: Date | null }
const outbox = () => listener.prisma.$queryRaw<Row[]>(sql`SELECT * FROM outbox ORDER BY seq`)
const isPublished = async (count: number) =>
  eventually(async () =>
    expect((await outbox()).filter(({ published_at }) => published_at !== null)).toHaveLength(count),
  )
const messages = async () =>
  (await (await streamManager(listener.nats)).streams.info('BILLING')).state.messages

test('a row that cannot be published backs off by itself, and never blocks what stands behind it', async () => {
  const huge = paymentEvent('huge')
  await insertRow(listener.prisma, huge.id, 'x'.repeat(1_500_000))
  await appendOutbox(listener.prisma, paymentEvents(300))
  openRelay()
  await isPublished(300)
  const [stuck] = await eventually(async () => {
    const rows = await outbox()
    expect(rows[0]?.attempts).toBeGreaterThanOrEqual(3)
    return rows
  })
  expect(stuck).toMatchObject({
    event_id: huge.id,
    published_at: null,
    last_error: expect.stringMatching(/payload/i),
  })
})

test('a row is no longer once it is published than it was before', async () => {
  await appendOutbox(listener.prisma, paymentEvents(3))
  const before = await bytesOfMark(listener.prisma)
  openRelay()
  await isPublished(3)
  expect(await bytesOfMark(listener.prisma)).toBeLessThanOrEqual(before)
})

test('a row that commits after a younger one is not lost', async () => {
  openRelay()
  const [early, late] = [paymentEvent('early'), paymentEvent('late')]
  await listener.prisma.$transaction(
    async (tx) => {
      await appendOutbox(tx, [late])
      await appendOutbox(listener.prisma, [early])
      await isPublished(1)
    },
    { maxWait: 1_000, timeout: 10_000 },
  )
  await isPublished(2)
  expect((await outbox()).map(({ event_id }) => event_id)).toEqual([late.id, early.id])
})

test('a commit at one replica wakes the relay of another, which is the active one', async () => {
  const active = openRelay({ pollMs: 60_000 })
  await eventually(async () =>
    expect(await listener.prisma.$queryRaw(sql`SELECT * FROM lease`)).toHaveLength(1),
  )
  const idle = openRelay({ pollMs: 60_000 })
  await active.tick()
  await appendOutbox(listener.prisma, paymentEvents(1))
  idle.wake()
  await isPublished(1)
})

test('two relays at once only make duplicates, which the stream drops', async () => {
  const [one, other] = [openRelay(), openRelay()]
  const events = paymentEvents(200)
  for (const some of [events.slice(0, 100), events.slice(100)]) {
    await appendOutbox(listener.prisma, some)
    // As when a holder was paused for longer than its lease and goes on.
    await againAfterRaces(() => listener.prisma.$executeRaw(sql`DELETE FROM lease`))
    await Promise.all([one.tick(), other.tick()])
  }
  await isPublished(200)
  expect(await messages()).toBe(200)
})

test('an id that the server remembers of a message it has lost is published all the same', async () => {
  const [kept, lost] = [paymentEvent('kept'), paymentEvent('lost')]
  await appendOutbox(listener.prisma, [lost, kept])
  openRelay()
  await isPublished(2)
  await (await streamManager(listener.nats)).streams.deleteMessage('BILLING', 1)
  expect(await messages()).toBe(1)
  await againAfterRaces(() => listener.prisma.$executeRaw(sql`UPDATE outbox SET published_at = NULL`))
  await isPublished(2)
  expect(await messages()).toBe(2)
  listener.listen()
  await listener.allDone([kept, lost])
})

test('the lease moves on when its holder dies, and not before', async () => {
  const [holder, next] = ['relay', 'relay'].map((name) =>
    openLease(listener.prisma, name, { timeScale: 0.5 }),
  )
  if (!holder || !next) throw new Error('Two leases')
  expect(await holder.hold()).toBe(true)
  const since = performance.now()
  expect(await next.hold()).toBe(false)
  await eventually(async () => expect(await next.hold()).toBe(true))
  expect(performance.now() - since).toBeGreaterThan(900)
  expect(await eventually(() => holder.hold())).toBe(false)
})

async function insertRow(db: Transaction, eventId: string, envelope: string): Promise<void> {
  await db.$executeRaw(sql`INSERT INTO outbox (event_id, \`key\`, subject, envelope, created_at, next_attempt_at)
    VALUES (${join([eventId, 'key', 'payment.failed', envelope])}, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`)
}

/** What the columns that publishing writes take in the longest row; a time has 7 bytes, a sequence 8. */
async function bytesOfMark(db: Transaction): Promise<number> {
  const [row] = await db.$queryRaw<{ bytes: bigint }[]>(
    sql`SELECT MAX(LENGTH(room) + COALESCE(LENGTH(stream_epoch), 0) + IF(stream_seq IS NULL, 0, 8) + IF(published_at IS NULL, 0, 7)) AS bytes
        FROM outbox`,
  )
  return Number(row?.bytes)
}
