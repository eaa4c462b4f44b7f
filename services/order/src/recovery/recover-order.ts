import type { AnyEvent } from '@spawnpoint/contracts'
import { adapter } from '@spawnpoint/database'
import { connectNats } from '@spawnpoint/messaging'
import { type Recovered, recover } from '@spawnpoint/operations'
import { createLogger } from '@spawnpoint/service-kit'
import { consumers } from '../consumers/consumers.ts'
import { PrismaClient } from '../generated/client.ts'
import { restoreDiscrepancies } from '../store/restore-discrepancies.ts'
import type { Tx } from '../store/tx.ts'
import { restoreOrders } from './restore-orders.ts'

/** Brings a database that was restored from a backup up to date; the service itself is stopped meanwhile. */
export async function recoverOrder(urls: { DATABASE_URL: string; NATS_URL: string }): Promise<Recovered> {
  const log = createLogger({ service: 'order', level: 'silent' })
  const prisma = new PrismaClient({ adapter: adapter(urls.DATABASE_URL) })
  const nats = connectNats({ url: urls.NATS_URL, name: 'order-recovery', log })
  try {
    return await recover({ prisma, nats, ownStream: 'ORDER', restore, consumers, log })
  } finally {
    await nats.close()
    await prisma.$disconnect()
  }
}

async function restore(tx: Tx, events: AnyEvent[]): Promise<void> {
  await restoreOrders(tx, events)
  await restoreDiscrepancies(tx, events)
}
