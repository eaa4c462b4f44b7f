import { adapter, type Transaction, type TransactionClient } from '@spawnpoint/database'
import { type TestDatabase, testDatabase } from '@spawnpoint/stack'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { PrismaClient } from '../src/generated/client.ts'
import { removeProcessedEvents } from '../src/process/remove-processed-events.ts'

const database: TestDatabase = await testDatabase('billing')
const prisma = new PrismaClient({ adapter: adapter(database.url) })

beforeEach(async () => void (await prisma.stripeEvent.deleteMany()))

afterAll(async () => {
  await prisma.$disconnect()
  await database[Symbol.asyncDispose]()
})

const dayMs = 24 * 60 * 60 * 1000
const daysAgo = (days: number) => new Date(Date.now() - days * dayMs)

function store(
  count: number,
  { processed, received = 500 }: { processed: number | null; received?: number },
) {
  return prisma.stripeEvent.createMany({
    data: Array.from({ length: count }, (_, index) => ({
      eventId: `evt_${processed}_${received}_${index}`,
      type: 'customer.created',
      livemode: false,
      created: daysAgo(received),
      body: Buffer.from('{}'),
      receivedAt: daysAgo(received),
      source: 'webhook',
      processedAt: processed === null ? null : daysAgo(processed),
      nextAttemptAt: daysAgo(received),
    })),
  })
}

async function runToTheEnd({ tick }: { tick: () => Promise<number> }): Promise<number[]> {
  const done = await tick()
  return done === 0 ? [] : [done, ...(await runToTheEnd({ tick }))]
}

test('events processed before the retention period are removed, a few at a time; younger ones stay', async () => {
  await store(450, { processed: 401 })
  await store(3, { processed: 399 })
  const removal = removeProcessedEvents({ prisma, retentionDays: 400 })
  expect(await runToTheEnd(removal)).toEqual([200, 200, 50])
  expect(await prisma.stripeEvent.count()).toBe(3)
  expect(removal.removed()).toBe(450)
})

test('an event that was never parsed stays, however old it is', async () => {
  await store(2, { processed: null })
  expect(await runToTheEnd(removeProcessedEvents({ prisma, retentionDays: 1 }))).toEqual([])
  expect(await prisma.stripeEvent.count()).toBe(2)
})

test('zero days keep everything for ever', async () => {
  await store(2, { processed: 9_000 })
  expect(await runToTheEnd(removeProcessedEvents({ prisma, retentionDays: 0 }))).toEqual([])
  expect(await prisma.stripeEvent.count()).toBe(2)
})

test('no write waits for it: an event is stored while a removal is not yet committed', async () => {
  await store(200, { processed: 401 })
  const slow: TransactionClient<Transaction> = {
    $transaction: (work, options) =>
      prisma.$transaction(async (tx) => {
        const result = await work(tx)
        await store(5, { processed: null, received: 0 })
        return result
      }, options),
  }
  expect(await removeProcessedEvents({ prisma: slow, retentionDays: 400 }).tick()).toBe(200)
  expect(await prisma.stripeEvent.count()).toBe(5)
})
