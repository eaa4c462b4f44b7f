import type { StreamName } from '@spawnpoint/contracts'
import type { Transaction } from '@spawnpoint/database'
import type { Check, Checks } from '@spawnpoint/service-kit'
import type { Nats } from '../connection/connect.ts'
import { type Consumed, watchConsumers } from './consumers.ts'
import { watchDatabase } from './database.ts'
import { watchDeadLetters } from './dead-letters.ts'
import { watchOutbox } from './outbox.ts'

type Options = {
  service: string
  prisma: Transaction
  databaseUrl: string
  nats: Nats
  stream: StreamName
  /** Check of the stream's limits; see `startMessaging`. */
  streamCheck: Check
  consumers: readonly Consumed[]
  /** From how long on work that waits counts as not moving. */
  stalledAfterMs: number
}

/** What every service checks of its database, of NATS, and of the events between them. */
export function openHealth({ databaseUrl, streamCheck, ...options }: Options): {
  database: Check
  nats: (consequence: string) => Check
  degrading: Checks
  close(): Promise<void>
} {
  const { database, slow_database, clock, close } = watchDatabase(databaseUrl)
  return {
    database,
    nats: (consequence) => ({
      find: async () => (options.nats.isConnected() ? null : `NATS does not answer: ${consequence}`),
      mend: 'start nats-server, or correct NATS_URL and restart the service; what waits follows by itself',
    }),
    degrading: {
      slow_database,
      clock,
      stream: streamCheck,
      outbox: watchOutbox(options),
      consumers: watchConsumers(options),
      dead_letters: watchDeadLetters(options),
    },
    close,
  }
}
