import { sql } from '@spawnpoint/database'
import type { Size } from './capacity.ts'
import { claimPort, keptClaim, type Place } from './claim-port.ts'
import { type Candidate, drawNodes } from './draw-nodes.ts'
import type { PrismaClient } from './generated/client.ts'
import type { PanelClient } from './panel/panel-client.ts'
import { allocation, nodeAttributes, page } from './panel/resources.ts'

export type Placement = Place | { wait: { class: string; message: string } }

/** A free port on a node of the region that has room, claimed for this order; the one it has already, if it has one. */
export async function choosePlacement(
  { prisma, panel }: { prisma: PrismaClient; panel: PanelClient },
  { orderId, region, size }: { orderId: string; region: string; size: Size },
): Promise<Placement> {
  const [kept, wanted] = await Promise.all([keptClaim(prisma, orderId), nodesOfRegion(prisma, region)])
  if (kept) return kept
  const change = `PUT /admin/region-nodes/${region}.`
  if (wanted.length === 0)
    return wait('region_without_nodes', `No node is set for the region ${region}: ${change}`)
  const candidates = await findNodes(panel, wanted)
  if (candidates.length === 0)
    return wait('nodes_missing', `The panel has none of the nodes of the region ${region}: ${change}`)
  for (const node of drawNodes(candidates, size)) {
    const free = await freePorts(panel, node.id)
    const place = await claimPort(prisma, {
      orderId,
      size,
      node,
      free,
      shownAt: wanted[0]?.now ?? new Date(0),
    })
    if (place) return place
  }
  return wait(
    'no_capacity',
    `No node of the region ${region} has ${size.memory} MiB of memory, ${size.disk} MiB of disk and a free port.`,
  )
}

type RegionNode = { node_id: number; weight: number; now: Date }

// With the database's clock from before the panel is asked: it decides which claims are in the panel's sums already.
async function nodesOfRegion(prisma: PrismaClient, region: string): Promise<RegionNode[]> {
  return await prisma.$queryRaw<RegionNode[]>(
    sql`SELECT node_id, weight, UTC_TIMESTAMP(3) AS now FROM region_node_map
        WHERE region = ${region} AND enabled ORDER BY node_id`,
  )
}

// All in one call, however many nodes a region has: the panel counts calls by the minute.
async function findNodes(panel: PanelClient, wanted: RegionNode[]): Promise<Candidate[]> {
  const weights = new Map(wanted.map(({ node_id, weight }) => [node_id, weight]))
  const candidates: Candidate[] = []
  for (let number = 1; ; number += 1) {
    const { items, pages } = await panel.call(`/nodes?per_page=200&page=${number}`, page(nodeAttributes))
    for (const node of items) {
      const weight = weights.get(node.id)
      if (weight !== undefined) candidates.push({ node, weight })
    }
    if (number >= pages || candidates.length === weights.size) return candidates
  }
}

async function freePorts(panel: PanelClient, nodeId: number): Promise<number[]> {
  const path = `/nodes/${nodeId}/allocations?filter[server_id]=false&per_page=500`
  const { items } = await panel.call(path, page(allocation))
  return items.map(({ id }) => id)
}

function wait(name: string, message: string): Placement {
  return { wait: { class: name, message } }
}
