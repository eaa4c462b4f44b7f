import { type Nats, startConsumer } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from './generated/client.ts'
import { onOrder } from './on-order.ts'

/** What the provisioner hears: every event of every order. */
export function startConsumers({
  nats,
  prisma,
  wakeReconciler,
  log,
}: {
  nats: Nats
  prisma: PrismaClient
  wakeReconciler: () => void
  log: Logger
}) {
  return startConsumer({
    nats,
    prisma,
    name: 'provisioner-order',
    stream: 'ORDER',
    decide: onOrder,
    wake: wakeReconciler,
    log,
  })
}
