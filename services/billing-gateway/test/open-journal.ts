import { adapter } from '@spawnpoint/database'
import { createLogger } from '@spawnpoint/service-kit'
import { owning, testDatabase } from '@spawnpoint/stack'
import { eventBody, type SnapshotEvent } from '@spawnpoint/stripe-simulator'
import { PrismaClient } from '../src/generated/client.ts'
import { processJournal } from '../src/process/process-journal.ts'
import type { JournalEntry } from '../src/store/journal.ts'
import { openJournal } from '../src/webhook/journal.ts'

const log = createLogger({ service: 'test', level: 'silent' })

/** A journal on a fresh schema, and as many processors as requested: events are processed when `settle` is called. */
export async function openTestJournal({ processors = 1 } = {}) {
  const owned = owning()
  const database = owned.own(await testDatabase('billing'))
  const prisma = new PrismaClient({ adapter: adapter(database.url) })
  owned.own({ [Symbol.asyncDispose]: () => prisma.$disconnect() })
  const journal = openJournal({ prisma })
  const ticks = Array.from({ length: processors }, () =>
    processJournal({ prisma, livemode: false, maxBatch: 16, wakeRelay: () => {}, log }),
  )

  return {
    prisma,
    store: (events: SnapshotEvent[]) => Promise.all(events.map((event) => journal.append(entryOf(event)))),
    /** Until nothing is due. */
    settle: () =>
      Promise.all(
        ticks.map(async ({ tick }) => {
          while ((await tick()) > 0);
        }),
      ),
    payment: async (id: string) => {
      const row = await prisma.payment.findUnique({ where: { id } })
      return row ? JSON.parse(row.state) : null
    },
    subscription: async (id: string) => {
      const row = await prisma.subscription.findUnique({ where: { id } })
      return row ? JSON.parse(row.state) : null
    },
    resultOf: async ({ id }: SnapshotEvent) => {
      const row = await prisma.stripeEvent.findFirstOrThrow({ where: { eventId: id } })
      return { outcome: row.outcome, reason: row.reason, error: row.error, waitingFor: row.waitingFor }
    },
    published: async (key: string) => {
      const rows = await prisma.outbox.findMany({ where: { key }, orderBy: { seq: 'asc' } })
      return rows.map(({ envelope }) => JSON.parse(envelope))
    },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  }
}

export type TestJournal = Awaited<ReturnType<typeof openTestJournal>>

function entryOf(event: SnapshotEvent): JournalEntry {
  return {
    account: event.account ?? '',
    eventId: event.id,
    type: event.type,
    apiVersion: event.api_version,
    livemode: event.livemode,
    created: new Date(event.created * 1000),
    body: Buffer.from(eventBody(event)),
  }
}
