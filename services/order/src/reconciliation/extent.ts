import type { PrismaClient } from '../generated/client.ts'
import type { AskContext } from '../peers/provisioner.ts'

export type ReconcileDeps = AskContext & {
  prisma: PrismaClient
  /** What changed within this time may still be on its way, and is not compared. */
  quietMs: number
}

/** What is compared: all, or what changed since; no more than so many of each. */
export type Extent = { since: Date | null; atMost: number }
