import type { AnyEvent } from '@spawnpoint/contracts'
import { adapter, type Transaction } from '@spawnpoint/database'
import { type ConsumerDefinition, connectNats } from '@spawnpoint/messaging'
import { type Recovered, recover } from '@spawnpoint/operations'
import { createLogger } from '@spawnpoint/service-kit'
import { type Prisma, PrismaClient } from '../generated/client.ts'
import { restoreDrifts, restoreServers, settleServers } from '../store/restore.ts'

type Env = { DATABASE_URL: string; NATS_URL: string; TIME_SCALE: number }

/** Brings a database that was restored from a backup up to date; the service itself is stopped meanwhile. */
export async function recoverProvisioner(
  env: Env,
  consumers: ConsumerDefinition<Prisma.TransactionClient>[],
): Promise<Recovered> {
  const log = createLogger({ service: 'provisioner', level: 'silent' })
  const prisma = new PrismaClient({ adapter: adapter(env.DATABASE_URL) })
  const nats = connectNats({ url: env.NATS_URL, name: 'provisioner-recovery', log })
  try {
    const options = {
      prisma,
      nats,
      ownStream: 'SERVER',
      restore: async (tx: Transaction, events: AnyEvent[]) => {
        await restoreServers(tx, events)
        await restoreDrifts(tx, events)
      },
      consumers,
      log,
    } as const
    const recovered = await recover(options)
    const orderless = await settleServers(prisma, 120_000 * env.TIME_SCALE)
    if (orderless > 0)
      throw new Error(
        `${orderless} servers belong to orders that ORDER no longer has: replay ORDER at the order service, then recover again`,
      )
    return recovered
  } finally {
    await nats.close()
    await prisma.$disconnect()
  }
}
