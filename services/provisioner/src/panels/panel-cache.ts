import type { PrismaClient } from '../generated/client.ts'
import type { Panel } from '../panel-types/panel.ts'
import type { PanelNode } from '../panel-types/resources.ts'
import type { Port } from '../rules/ports.ts'
import { databaseNow } from '../store/clock.ts'
import { ttlCache } from './ttl-cache.ts'

/** More than are placed on one node before it is read again. */
const mostPorts = 1_000

/** `shownAt` is by the database's clock, from before the panel was asked: it decides which reservations the panel's sums already include. */
type Shown<Items> = { items: Items; shownAt: Date }

/**
 * The panel's nodes and free ports as it last showed them, a few seconds ago at most: many orders share one request. Our own
 * reservations since then are known here anyway; what others have changed shows when the panel refuses it.
 */
export function createPanelCache(deps: {
  prisma: PrismaClient
  panel: Panel
  ttlMs: number
  quarantineMs: number
}) {
  const { prisma, panel, ttlMs, quarantineMs } = deps
  const quarantined = new Map<number, number>()
  const nodes = ttlCache((withServers: boolean) => shown(prisma, () => panel.nodes({ withServers })), ttlMs)
  const ports = ttlCache((nodeId: number) => shown(prisma, () => panel.freePorts(nodeId, mostPorts)), ttlMs)

  function forget(): void {
    nodes.clear()
    ports.clear()
  }

  return {
    /** All of them; with the cpu of their servers where that is counted. */
    nodes: ({ withCpu }: { withCpu: boolean }): Promise<Shown<PanelNode[]>> => nodes.get(withCpu),

    async freePorts(nodeId: number): Promise<Shown<Port[]>> {
      const { items, shownAt } = await ports.get(nodeId)
      return { items: items.filter(({ id }) => (quarantined.get(id) ?? 0) <= Date.now()), shownAt }
    },

    /** The same where the panel was asked already; null where it would have to be. */
    async knownPorts(nodeId: number): Promise<Shown<Port[]> | null> {
      return (await ports.last(nodeId)) ?? null
    },

    /** The panel shows them as free and refuses them: not chosen again for a while. */
    quarantine(allocationIds: number[]): void {
      for (const [id, until] of quarantined) if (until <= Date.now()) quarantined.delete(id)
      for (const id of allocationIds) quarantined.set(id, Date.now() + quarantineMs)
      forget()
    },

    /** The next read goes to the panel. */
    forget,
  }
}

async function shown<Items>(prisma: PrismaClient, read: () => Promise<Items>): Promise<Shown<Items>> {
  return { shownAt: await databaseNow(prisma), items: await read() }
}
