import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { adapter, type Transaction } from '@spawnpoint/database'
import { createHttp, createLogger } from '@spawnpoint/service-kit'
import { type TestDatabase, testDatabase } from '@spawnpoint/stack'
import { checkoutSession, signedWebhook, stripeEvent } from '@spawnpoint/stripe-simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PrismaClient } from '../src/generated/client.ts'
import type { JournalEntry } from '../src/store/journal.ts'
import { type Journal, openJournal } from '../src/webhook/journal.ts'
import { receiveStripeWebhook } from '../src/webhook/receive-stripe-webhook.ts'

let database: TestDatabase
let prisma: PrismaClient

beforeAll(async () => {
  database = await testDatabase('billing')
  prisma = new PrismaClient({ adapter: adapter(database.url) })
})

afterAll(async () => {
  await prisma.$disconnect()
  await database[Symbol.asyncDispose]()
})

function entry(overrides: Partial<JournalEntry> = {}): JournalEntry {
  return {
    account: '',
    eventId: `evt_${randomUUID()}`,
    type: 'customer.created',
    apiVersion: null,
    livemode: false,
    created: new Date('2026-01-01'),
    body: Buffer.from('{}'),
    ...overrides,
  }
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)

function stored({ eventId }: JournalEntry) {
  return prisma.stripeEvent.findFirst({ where: { eventId } })
}

/** The same database, and what each insert carried. */
function watched() {
  const batches: { rows: number }[] = []
  const database: Transaction = {
    $executeRaw: (query) => {
      batches.push({ rows: query.sql.split("'webhook'").length - 1 })
      return prisma.$executeRaw(query)
    },
    $queryRaw: (query) => prisma.$queryRaw(query),
  }
  return { database, batches }
}

/** The same database, which does nothing until it is let go. */
function stalled() {
  let letGo = () => {}
  const gone = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const database: Transaction = {
    $executeRaw: (query) => gone.then(() => prisma.$executeRaw(query)),
    $queryRaw: (query) => prisma.$queryRaw(query),
  }
  return { database, letGo }
}

test('who arrives together shares a batch, of 500 rows at most', async () => {
  const { database, batches } = watched()
  const journal = openJournal({ prisma: database })
  const entries = times(1_202, entry)
  await Promise.all(entries.map((each) => journal.append(each)))
  expect(batches.map(({ rows }) => rows)).toEqual([500, 500, 202])
  expect(
    await prisma.stripeEvent.count({ where: { eventId: { in: entries.map(({ eventId }) => eventId) } } }),
  ).toBe(1_202)
})

test('large events go in batches of four megabytes at most, byte for byte', async () => {
  const { database, batches } = watched()
  const journal = openJournal({ prisma: database })
  const entries = times(9, () => entry({ body: Buffer.alloc(1_000_000, randomUUID()) }))
  await Promise.all(entries.map((each) => journal.append(each)))
  expect(batches.map(({ rows }) => rows)).toEqual([4, 4, 1])
  for (const each of entries) expect(each.body.equals((await stored(each))?.body ?? Buffer.of())).toBe(true)
})

test('bytes of every kind are stored unchanged', async () => {
  const journal = openJournal({ prisma })
  const bodies = [
    Buffer.from('{"name":"Zoë 🎮 \\u0000 \\"quoted\\" \'single\' %_ \\\\"}'),
    Buffer.from('\ufeffa byte order mark, a \0 and a \r\n'),
    Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  ]
  for (const body of bodies) {
    const event = entry({ body })
    await journal.append(event)
    expect(Buffer.from((await stored(event))?.body ?? []).equals(body)).toBe(true)
  }
})

test('one event that the database refuses does not affect the others of its batch', async () => {
  const journal = openJournal({ prisma })
  const ahead = times(2, entry)
  const bad = entry({ type: 'x'.repeat(192) })
  const behind = times(3, entry)
  const answers = await Promise.allSettled([...ahead, bad, ...behind].map((each) => journal.append(each)))
  expect(answers.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ])
  expect(await stored(bad)).toBeNull()
  for (const each of behind) expect(await stored(each)).not.toBeNull()
})

test('every delivery is counted, those that shared a batch too', async () => {
  const journal = openJournal({ prisma })
  const event = entry()
  await Promise.all(times(40, () => journal.append(event)))
  await journal.append(event)
  expect(await stored(event)).toMatchObject({ deliveries: 41 })
})

test('the first body stays, whatever comes under the same id later', async () => {
  const journal = openJournal({ prisma })
  const event = entry({ body: Buffer.from('first') })
  await journal.append(event)
  await journal.append({ ...event, body: Buffer.from('second') })
  expect(Buffer.from((await stored(event))?.body ?? []).toString()).toBe('first')
})

test('a full queue is 503 with Retry-After, and what waited is stored once there is room', async () => {
  const { database, letGo } = stalled()
  const journal = openJournal({ prisma: database, maxQueued: 3 })
  const post = webhookOn(journal)
  const accepted = await fillBatches(journal)
  accepted.push(...times(3, () => journal.append(entry())))
  const refused = await post()
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('5')
  expect(await refused.json()).toMatchObject({ code: 'journal_full' })
  letGo()
  await Promise.all(accepted)
  expect((await post()).status).toBe(200)
})

test('what cannot be stored in time is 503 with Retry-After, and makes room for those behind it', async () => {
  const { database, letGo } = stalled()
  const journal = openJournal({ prisma: database, maxQueued: 1, maxWaitMs: 200 })
  const post = webhookOn(journal)
  const underWay = await fillBatches(journal)
  const [answer] = await Promise.all([post(), ...underWay.map(isSlow)])
  expect(answer).toMatchObject({ status: 503 })
  expect(answer.headers.get('retry-after')).toBe('5')
  expect(await answer.json()).toMatchObject({ code: 'journal_slow' })
  const behind = post()
  letGo()
  expect((await behind).status).toBe(200)
  await journal.drain()
})

/** Both batches are under way, with one event each. */
async function fillBatches(journal: Journal): Promise<Promise<void>[]> {
  const first = journal.append(entry())
  await nextTurn()
  const second = journal.append(entry())
  await nextTurn()
  return [first, second]
}

const isSlow = (stored: Promise<void>) => expect(stored).rejects.toMatchObject({ code: 'journal_slow' })

function webhookOn(journal: Journal) {
  const app = createHttp({
    service: 'test',
    version: '0',
    apiKeys: [],
    routeScopes: {},
    isOutage: () => false,
    openRoutes: ['POST /webhooks/stripe'],
    checks: {},
    summary: async () => ({}),
    log: createLogger({ service: 'test', level: 'silent' }),
  })
  const refusals = { refused: () => {}, accepted: () => {} }
  app.post(
    '/webhooks/stripe',
    receiveStripeWebhook({ secrets: ['whsec_test'], refusals, journal, wakeProcessor: () => {} }),
  )
  return async () => {
    const { body, headers } = signedWebhook(
      stripeEvent('checkout.session.completed', checkoutSession({ metadata: {} })),
      'whsec_test',
    )
    return await app.request('/webhooks/stripe', { method: 'POST', body, headers })
  }
}
