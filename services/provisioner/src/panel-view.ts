import { sql } from '@spawnpoint/database'
import type { Port } from './choose-ports.ts'
import type { PrismaClient } from './generated/client.ts'
import { keep } from './keep.ts'
import type { PanelClient } from './panel/panel-client.ts'
import { allocation, nodeAttributes, type PanelNode, page } from './panel/resources.ts'

/** `shownAt` is by the database's clock, from before the panel was asked: it decides which claims are in the panel's sums already. */
type Shown<Items> = { items: Items; shownAt: Date }

export type PanelView = ReturnType<typeof createPanelView>

/**
 * The panel's nodes and free ports as it last showed them, a few seconds ago at most: many orders share one look. What we
 * have claimed since is known here anyway; what others have changed since is found out when the panel refuses it.
 */
export function createPanelView(deps: {
  prisma: PrismaClient
  panel: PanelClient
  keepMs: number
  mistrustMs: number
}) {
  const { prisma, panel, keepMs, mistrustMs } = deps
  const mistrusted = new Map<number, number>()
  const nodes = keep((withServers: boolean) => shown(prisma, () => readNodes(panel, withServers)), keepMs)
  const ports = keep((nodeId: number) => shown(prisma, () => readFreePorts(panel, nodeId)), keepMs)

  function forget(): void {
    nodes.forget()
    ports.forget()
  }

  return {
    /** All of them; with the cpu of their servers where that is counted. */
    nodes: ({ withCpu }: { withCpu: boolean }): Promise<Shown<PanelNode[]>> => nodes.get(withCpu),

    async freePorts(nodeId: number): Promise<Shown<Port[]>> {
      const { items, shownAt } = await ports.get(nodeId)
      return { items: items.filter(({ id }) => (mistrusted.get(id) ?? 0) <= Date.now()), shownAt }
    },

    /** The panel shows them as free and refuses them: not chosen again for a while. */
    mistrust(allocationIds: number[]): void {
      for (const [id, until] of mistrusted) if (until <= Date.now()) mistrusted.delete(id)
      for (const id of allocationIds) mistrusted.set(id, Date.now() + mistrustMs)
      forget()
    },

    /** The next one who asks has the panel asked. */
    forget,
  }
}

async function shown<Items>(prisma: PrismaClient, read: () => Promise<Items>): Promise<Shown<Items>> {
  const [row] = await prisma.$queryRaw<{ now: Date }[]>(sql`SELECT UTC_TIMESTAMP(3) AS now`)
  return { shownAt: row?.now ?? new Date(0), items: await read() }
}

// All in one call, however many nodes a region has: the panel counts calls by the minute.
async function readNodes(panel: PanelClient, withServers: boolean): Promise<PanelNode[]> {
  const include = withServers ? '&include=servers' : ''
  const all: PanelNode[] = []
  for (let number = 1; ; number += 1) {
    const { items, pages } = await panel.call(
      `/nodes?per_page=200&page=${number}${include}`,
      page(nodeAttributes),
    )
    all.push(...items)
    if (number >= pages) return all
  }
}

// One page: more than are placed on one node before it is looked at again.
async function readFreePorts(panel: PanelClient, nodeId: number): Promise<Port[]> {
  const path = `/nodes/${nodeId}/allocations?filter[server_id]=false&per_page=1000`
  return (await panel.call(path, page(allocation))).items
}
