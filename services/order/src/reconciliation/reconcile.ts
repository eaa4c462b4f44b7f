import type { Discrepancy } from '@spawnpoint/contracts'
import { type Found, isOfServer } from '../rules/discrepancies/find-discrepancies.ts'
import { recordDiscrepancies } from '../store/discrepancies.ts'
import { compareBilling } from './compare-billing.ts'
import { compareServers } from './compare-servers.ts'
import type { Extent, ReconcileDeps } from './extent.ts'

export type Reconciled = {
  payments: number
  subscriptions: number
  orders: number
  found: number
  told: number
  over: number
}

export type Compared = {
  found: Found[]
  isCompared: (kind: Discrepancy['kind'], subject: string) => boolean
  counts: Pick<Reconciled, 'payments' | 'subscriptions' | 'orders'>
  /** There was more than was to be compared. */
  isCut: boolean
}

const everything: Extent = { since: null, atMost: Number.POSITIVE_INFINITY }

/**
 * Compares the gateway's payments and subscriptions, the orders, and the provisioner's servers. Nothing is written before all
 * three were read to the end: while one of them does not answer, no discrepancy is taken for resolved.
 */
export async function reconcile(deps: ReconcileDeps): Promise<Reconciled> {
  const { found, isCompared, counts } = await compare(deps, everything)
  return { ...counts, ...(await recordDiscrepancies(deps.prisma, found, isCompared)) }
}

export async function compare(deps: ReconcileDeps, extent: Extent): Promise<Compared> {
  const money = await compareBilling(deps, extent)
  const servers = await compareServers(deps, extent)
  const { payments, subscriptions } = money
  return {
    found: [...money.found, ...servers.found],
    isCompared: (kind, subject) => (isOfServer(kind) ? servers : money).compared.has(subject),
    counts: { payments, subscriptions, orders: servers.compared.size },
    isCut: money.isCut || servers.isCut,
  }
}
