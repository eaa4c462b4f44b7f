import { lookAgain, sayServersAgain, serverStatement } from '@spawnpoint/contracts'
import { answerRequests, type Nats } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { looksAgain } from './recheck-servers.ts'
import { saysServersAgain } from './republish-servers.ts'
import { stateServers } from './server-statement.ts'

/** What the order service asks when it compares its orders with their servers, and has one of them mended. */
export function answerReconciliation(
  { prisma, log }: { prisma: PrismaClient; log: Logger },
  { nats, wakeRelay, wakeReconciler }: { nats: Nats; wakeRelay: () => void; wakeReconciler: () => void },
): { stop(): Promise<void> } {
  const answering = [
    answerRequests({ nats, contract: serverStatement, handle: stateServers({ prisma }), log }),
    answerRequests({ nats, contract: sayServersAgain, handle: saysServersAgain({ prisma, wakeRelay }), log }),
    answerRequests({ nats, contract: lookAgain, handle: looksAgain({ prisma, wakeReconciler }), log }),
  ]
  return {
    stop: async () => void (await Promise.all(answering.map((answers) => answers.stop()))),
  }
}
