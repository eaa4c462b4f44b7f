import { inTransaction, join, sql, type Transaction } from '@spawnpoint/database'
import { hasRoom, type Size } from './capacity.ts'
import type { PrismaClient } from './generated/client.ts'
import type { PanelClient } from './panel/panel-client.ts'
import { allocation, type PanelNode, page, panelNode } from './panel/resources.ts'

type Place = { nodeId: number; allocationId: number }
export type Placement = Place | { wait: { class: string; message: string } }

/** A free port on a node of the region that has room, claimed for this order; the one it has already, if it has one. */
export async function choosePlacement(
  { prisma, panel }: { prisma: PrismaClient; panel: PanelClient },
  { orderId, region, size }: { orderId: string; region: string; size: Size },
): Promise<Placement> {
  const claimed = await prisma.allocationClaim.findUnique({ where: { orderId } })
  if (claimed && claimed.onPanelAt === null)
    return { nodeId: claimed.nodeId, allocationId: claimed.allocationId }
  if (claimed) await dropClaim(prisma, orderId)
  const nodes = await prisma.regionNode.findMany({
    where: { region, enabled: true },
    orderBy: [{ weight: 'desc' }, { nodeId: 'asc' }],
  })
  if (nodes.length === 0)
    return wait(
      'region_without_nodes',
      `No node is set for the region ${region}: PUT /admin/region-nodes/${region}.`,
    )
  for (const { nodeId } of nodes) {
    const [clock] = await prisma.$queryRaw<{ now: Date }[]>(sql`SELECT UTC_TIMESTAMP(3) AS now`)
    const node = await panel.find(`/nodes/${nodeId}`, panelNode)
    if (!node || !clock || !hasRoom(node, { memory: 0, disk: 0 }, size)) continue
    const free = await freeAllocations(panel, nodeId)
    const place = await claim(prisma, { orderId, size, node, free, shownAt: clock.now })
    if (place) return place
  }
  return wait(
    'no_capacity',
    `No node of the region ${region} has ${size.memory} MiB of memory, ${size.disk} MiB of disk and a free port.`,
  )
}

/** For a port that turned out to be taken by somebody else. */
export async function dropClaim(prisma: PrismaClient, orderId: string): Promise<void> {
  await prisma.allocationClaim.deleteMany({ where: { orderId } })
}

async function freeAllocations(panel: PanelClient, nodeId: number): Promise<number[]> {
  const path = `/nodes/${nodeId}/allocations?filter[server_id]=false&per_page=500`
  const { items } = await panel.call(path, page(allocation))
  return items.map(({ id }) => id)
}

type Claim = { orderId: string; size: Size; node: PanelNode; free: number[]; shownAt: Date }

/** Decided under the node's row: two orders never count on the same room, whichever replica asks. */
async function claim(
  prisma: PrismaClient,
  { orderId, size, node, free, shownAt }: Claim,
): Promise<Place | null> {
  if (free.length === 0) return null
  return await inTransaction(prisma, async (tx) => {
    await lockNode(tx, node.id)
    const claims = await claimsOn(tx, node.id, free)
    // What was on the panel before it showed us the node is in the panel's own sums.
    const pending = claims.filter(
      ({ node_id, on_panel_at }) => node_id === node.id && (on_panel_at === null || on_panel_at >= shownAt),
    )
    if (!hasRoom(node, sum(pending), size)) return null
    const taken = new Set(claims.map(({ allocation_id }) => allocation_id))
    const open = free.filter((id) => !taken.has(id))
    // At random: a port that the panel wrongly shows as free is not drawn again and again.
    const allocationId = open[Math.floor(Math.random() * open.length)]
    if (allocationId === undefined) return null
    await tx.$executeRaw(
      sql`INSERT INTO allocation_claim (allocation_id, node_id, order_id, memory, disk, created_at)
          VALUES (${allocationId}, ${node.id}, ${orderId}, ${size.memory}, ${size.disk}, UTC_TIMESTAMP(3))`,
    )
    return { nodeId: node.id, allocationId }
  })
}

async function lockNode(tx: Transaction, nodeId: number): Promise<void> {
  await tx.$executeRaw(
    sql`INSERT INTO node_capacity (node_id) VALUES (${nodeId}) ON DUPLICATE KEY UPDATE node_id = ${nodeId}`,
  )
  // Of a server that is long on the panel nothing needs to be remembered, and its port may be free again.
  await tx.$executeRaw(
    sql`DELETE FROM allocation_claim
        WHERE node_id = ${nodeId} AND on_panel_at < UTC_TIMESTAMP(3) - INTERVAL 300 SECOND`,
  )
}

type ClaimRow = Size & { allocation_id: number; node_id: number; on_panel_at: Date | null }

async function claimsOn(tx: Transaction, nodeId: number, free: number[]): Promise<ClaimRow[]> {
  return await tx.$queryRaw<ClaimRow[]>(
    sql`SELECT allocation_id, node_id, memory, disk, on_panel_at FROM allocation_claim
        WHERE node_id = ${nodeId} OR allocation_id IN (${join(free)})`,
  )
}

function sum(claims: Size[]): Size {
  return claims.reduce(
    (total, { memory, disk }) => ({ memory: total.memory + memory, disk: total.disk + disk }),
    { memory: 0, disk: 0 },
  )
}

function wait(name: string, message: string): Placement {
  return { wait: { class: name, message } }
}
