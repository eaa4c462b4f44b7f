import type { AnyEvent, StreamName } from '@spawnpoint/contracts'
import type { Transaction, TransactionClient } from '@spawnpoint/database'
import type { Hearing, Nats } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'

export type RecoverOptions<Tx> = {
  prisma: TransactionClient<Tx> & Transaction
  nats: Nats
  ownStream: StreamName
  /** Brings the rows up to what these events of our own say: the newest version of each wins. */
  restore: (tx: Tx, events: AnyEvent[]) => Promise<void>
  consumers: Hearing<Tx>[]
  log: Logger
}
