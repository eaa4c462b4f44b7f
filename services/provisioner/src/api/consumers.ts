import { type ConsumerDefinition, type Nats, startConsumer } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type { Prisma, PrismaClient } from '../generated/client.ts'
import { onOrder } from './on-order.ts'

/** Every event of every order. */
export const consumers: ConsumerDefinition<Prisma.TransactionClient>[] = [
  { name: 'provisioner-order', stream: 'ORDER', decide: onOrder },
]

export function startConsumers({
  nats,
  prisma,
  wakeReconciler,
  timeScale,
  maxBatch,
  log,
}: {
  nats: Nats
  prisma: PrismaClient
  wakeReconciler: () => void
  timeScale: number
  maxBatch: number
  log: Logger
}) {
  const consuming = consumers.map((definition) =>
    startConsumer({ ...definition, nats, prisma, wake: wakeReconciler, timeScale, maxBatch, log }),
  )
  return {
    stop: async () => void (await Promise.all(consuming.map((consumer) => consumer.stop()))),
  }
}
