import { deepStrictEqual } from 'node:assert/strict'
import type { AnyEvent, StreamName } from '@spawnpoint/contracts'
import { sql, type Transaction } from '@spawnpoint/database'
import {
  type ConsumerOptions,
  connectNats,
  ensureStream,
  type Nats,
  startConsumer,
  streamManager,
} from '@spawnpoint/messaging'
import { eventually } from '../eventually.ts'
import { testDatabase, testNats } from '../fixtures.ts'
import { owning } from '../owning.ts'
import type { PrivateNats } from '../private-nats.ts'
import { done, log } from './effects.ts'
import { openClient, type TablesClient } from './tables-client.ts'

export type InboxRow = { attempts: number; failures: number; outcome: string | null; reason: string | null }
export type DeadLetterRow = {
  event_id: string
  class: string
  first_error: string
  last_error: string
  attempts: number
  resolved_at: Date | null
  resolved_by: string | null
  note: string | null
}
export type Listener = Awaited<ReturnType<typeof openListener>>

/** A database and a NATS of its own, and what a service needs to consume events; each that is done is an `effect`. */
export async function openListener({ server }: { server?: PrivateNats } = {}) {
  const cleanUp = owning()
  const database = cleanUp.own(await testDatabase('orders'))
  const natsServer = server ?? cleanUp.own(await testNats())
  const prisma = cleanUp.own(openClient(database.url))
  await prisma.$executeRaw(
    sql`CREATE TABLE effect (n INT PRIMARY KEY AUTO_INCREMENT, subject VARCHAR(191) NOT NULL)`,
  )
  const nats = connectNats({ url: natsServer.url, name: 'test', log })
  cleanUp.own({ [Symbol.asyncDispose]: () => nats.close() })
  await nats.connection()
  return {
    cleanUp,
    database,
    natsServer,
    prisma,
    nats,
    publish: (events: AnyEvent[], stream: StreamName = 'BILLING') => publish(nats, events, stream),
    /** A replica of a consumer; stopped at the end. */
    listen(
      options: Partial<Pick<ConsumerOptions<Transaction>, 'decide' | 'accepts' | 'name' | 'nats'>> & {
        prisma?: TablesClient
      } = {},
    ) {
      const consumer = startConsumer({
        nats,
        prisma,
        name: 'test-billing',
        stream: 'BILLING',
        decide: done,
        timeScale: 0.01,
        log,
        ...options,
      })
      cleanUp.own({ [Symbol.asyncDispose]: consumer.stop })
      return consumer
    },
    effects: () => effectsOf(prisma),
    /** Waits until each of these events, and no other, has had its effect exactly once. */
    allDone: (events: AnyEvent[], timeoutMs = 20_000) =>
      eventually(
        async () => {
          const effects = await effectsOf(prisma)
          deepStrictEqual(effects.toSorted(), events.map(({ subject }) => subject).toSorted())
        },
        { timeoutMs },
      ),
    inboxOf: async ({ id }: AnyEvent): Promise<InboxRow | undefined> =>
      (
        await prisma.$queryRaw<InboxRow[]>(
          sql`SELECT attempts, failures, outcome, reason FROM inbox WHERE event_id = ${id}`,
        )
      )[0],
    deadLetters: () => prisma.$queryRaw<DeadLetterRow[]>(sql`SELECT * FROM dead_letter ORDER BY event_id`),
    durable: async (name = 'test-billing', stream: StreamName = 'BILLING') =>
      (await streamManager(nats)).consumers.info(stream, name),
    [Symbol.asyncDispose]: () => cleanUp[Symbol.asyncDispose](),
  }
}

async function effectsOf(prisma: TablesClient): Promise<string[]> {
  const rows = await prisma.$queryRaw<{ subject: string }[]>(sql`SELECT subject FROM effect ORDER BY n`)
  return rows.map(({ subject }) => subject)
}

async function publish(nats: Nats, events: AnyEvent[], stream: StreamName): Promise<void> {
  await ensureStream(nats, stream)
  const client = (await nats.connection()).jetstream()
  for (const event of events) await client.publish(event.type, JSON.stringify(event), { msgID: event.id })
}
