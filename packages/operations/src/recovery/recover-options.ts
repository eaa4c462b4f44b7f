import type { AnyEvent, StreamName } from '@spawnpoint/contracts'
import type { Transaction, TransactionClient } from '@spawnpoint/database'
import type { ConsumerDefinition, Nats } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'

export type RecoverOptions<Tx> = {
  prisma: TransactionClient<Tx> & Transaction
  nats: Nats
  ownStream: StreamName
  /** Restores the rows from these events of our own: the newest version of each wins. */
  restore: (tx: Tx, events: AnyEvent[]) => Promise<void>
  consumers: ConsumerDefinition<Tx>[]
  log: Logger
}
