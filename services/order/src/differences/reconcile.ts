import type { Difference } from '@spawnpoint/contracts'
import type { PrismaClient } from '../generated/client.ts'
import type { AskContext } from '../placing/ask-provisioner.ts'
import { compareMoney } from './compare-money.ts'
import { compareServers } from './compare-servers.ts'
import { type Found, isOfServer } from './find-differences.ts'
import { recordDifferences } from './record-differences.ts'

export type ReconcileDeps = AskContext & {
  prisma: PrismaClient
  /** What changed within this time may still be on its way, and is not compared. */
  quietMs: number
}

export type Reconciled = {
  payments: number
  subscriptions: number
  orders: number
  found: number
  told: number
  over: number
}

/** What is compared: all, or what changed since; no more than so many of each. */
export type Extent = { since: Date | null; atMost: number }

export type Compared = {
  found: Found[]
  isCompared: (kind: Difference['kind'], subject: string) => boolean
  counts: Pick<Reconciled, 'payments' | 'subscriptions' | 'orders'>
  /** There was more than was to be compared. */
  isCut: boolean
}

const everything: Extent = { since: null, atMost: Number.POSITIVE_INFINITY }

/**
 * Compares what the gateway knows of the money, the orders, and what the provisioner knows of their servers. Nothing is
 * written before all three were heard to the end: with one of them away nothing is taken for settled.
 */
export async function reconcile(deps: ReconcileDeps): Promise<Reconciled> {
  const { found, isCompared, counts } = await compare(deps, everything)
  return { ...counts, ...(await recordDifferences(deps.prisma, found, isCompared)) }
}

export async function compare(deps: ReconcileDeps, extent: Extent): Promise<Compared> {
  const money = await compareMoney(deps, extent)
  const servers = await compareServers(deps, extent)
  const { payments, subscriptions } = money
  return {
    found: [...money.found, ...servers.found],
    isCompared: (kind, subject) => (isOfServer(kind) ? servers : money).compared.has(subject),
    counts: { payments, subscriptions, orders: servers.compared.size },
    isCut: money.isCut || servers.isCut,
  }
}
