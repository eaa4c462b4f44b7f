import type { Transaction } from '@spawnpoint/database'
import { countCapacity } from '../rules/region-capacity.ts'
import type { Need } from '../rules/reservations.ts'
import { describeReached, type Held, isReached, type UnpaidLimit } from '../rules/unpaid-limit.ts'
import { heldUnpaid } from '../store/reservations.ts'
import type { RegionNodes } from './region-nodes.ts'

export type UnpaidCapacity = ReturnType<typeof monitorUnpaidCapacity>

/** Stores the limit that each region had at its last reservation, so that health reports it without a call to the panel. */
export function monitorUnpaidCapacity({ prisma, share }: { prisma: Transaction; share: number }) {
  const limits = new Map<string, UnpaidLimit>()
  /** How many unpaid orders held reservations when no capacity was left. */
  const full = new Map<string, number>()

  async function problemIn(region: string, limit: UnpaidLimit): Promise<string | null> {
    const held = await heldUnpaid(prisma, limit)
    if (isReached(limit, held))
      return `${describeReached(limit, held)} Further unpaid orders are refused; paid ones are not.`
    const before = full.get(region) ?? 0
    if (before > 0 && held.orders >= before)
      return `The region ${region} has no capacity left, and ${held.orders} unpaid orders hold reservations in it: new orders are refused until they are paid, cancelled, or their checkouts close.`
    full.delete(region)
    return null
  }

  return {
    /** How much of a region unpaid orders may hold, as it is now. */
    async limitOf(region: string, found: RegionNodes, need: Need): Promise<UnpaidLimit> {
      const { view, panel } = found.tools
      const nodeIds = found.hosts.map(({ node }) => node.id).toSorted((a, b) => a - b)
      const capacity = countCapacity(found, need, view.knownPorts)
      const limit = { region, panelId: panel.id, nodeIds, size: need.size, capacity, share }
      limits.set(region, limit)
      return limit
    },
    /** An unpaid order found no capacity at all. */
    async foundFull(region: string): Promise<void> {
      const limit = limits.get(region)
      if (limit) full.set(region, (await heldUnpaid(prisma, limit)).orders)
    },
    /** Why unpaid orders block new ones; null when they do not. */
    async problem(): Promise<string | null> {
      const told = await Promise.all([...limits].map(([region, limit]) => problemIn(region, limit)))
      const problems = told.filter((one) => one !== null)
      return problems.length === 0 ? null : problems.join(' ')
    },
    /** Whether one more unpaid order would be refused. */
    async isReached(limit: UnpaidLimit): Promise<boolean> {
      const held: Held = await heldUnpaid(prisma, limit)
      return isReached(limit, held)
    },
  }
}
