import { inTransaction, join, sql, type Transaction } from '@spawnpoint/database'
import { hasRoom, type Size } from './capacity.ts'
import type { PrismaClient } from './generated/client.ts'
import type { PanelNode } from './panel/resources.ts'

export type Place = { nodeId: number; allocationId: number }

type Claim = {
  orderId: string
  size: Size
  node: PanelNode
  /** The allocations that the panel shows as free. */
  free: number[]
  /** By the database's clock, before the panel showed the node. */
  shownAt: Date
}

/** One of the free ports, unless the room is gone. Decided under the node's row: two orders never count on the same room. */
export async function claimPort(
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

/** The place of an earlier try, where nothing has come of it yet. */
export async function keptClaim(prisma: PrismaClient, orderId: string): Promise<Place | null> {
  const [claim] = await prisma.$queryRaw<ClaimRow[]>(
    sql`SELECT allocation_id, node_id, memory, disk, on_panel_at FROM allocation_claim WHERE order_id = ${orderId}`,
  )
  if (!claim) return null
  if (claim.on_panel_at === null) return { nodeId: claim.node_id, allocationId: claim.allocation_id }
  await dropClaim(prisma, orderId)
  return null
}

/** For a port that turned out to be taken by somebody else. */
export async function dropClaim(prisma: Transaction, orderId: string): Promise<void> {
  await prisma.$executeRaw(sql`DELETE FROM allocation_claim WHERE order_id = ${orderId}`)
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
