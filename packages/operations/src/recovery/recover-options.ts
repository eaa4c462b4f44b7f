import type { AnyEvent, StreamName } from '@spawnpoint/contracts'
import type { TransactionClient } from '@spawnpoint/database'
import type { ConsumerDefinition, Nats } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type { Tables } from '../tables.ts'

export type RecoverOptions<Tx> = {
  prisma: TransactionClient<Tx> & Tables
  nats: Nats
  ownStream: StreamName
  /** Restores the rows from these events of our own: the newest version of each wins. */
  restore: (tx: Tx, events: AnyEvent[]) => Promise<void>
  consumers: ConsumerDefinition<Tx>[]
  log: Logger
}
