import { inTransaction, sql } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import type { Panel } from '../panel-types/panel.ts'
import type { PanelServer } from '../panel-types/resources.ts'
import { hasRoomFor, type Size, sum } from '../rules/capacity.ts'
import { isPending, type PanelNodeId } from '../rules/reservations.ts'
import { panelOfRegion } from '../store/regions.ts'
import { claimsAround } from '../store/reservations.ts'
import { lockNode } from './reserve-on-node.ts'

/** What the server is to have more, claimed on its node under the node's row; false where there is no room for it. */
export async function claimGrowth(
  { prisma, panel }: { prisma: PrismaClient; panel: Panel },
  { orderId, region, found, wanted }: { orderId: string; region: string; found: PanelServer; wanted: Size },
): Promise<boolean> {
  const growth = growthOf(found.limits, wanted)
  if (growth.memory + growth.disk + growth.cpu === 0) return true
  const shownAt = await databaseNow(prisma)
  // The panel counts no cpu: only who grows by some is held to what the seller has said of the node.
  const cpu = growth.cpu === 0 ? null : await cpuOf(prisma, region, { panelId: panel.id, nodeId: found.node })
  const node = await panel.node(found.node, { withServers: cpu !== null })
  if (!node) return false
  const at = { panelId: panel.id, nodeId: node.id }
  return await inTransaction(prisma, async (tx) => {
    await lockNode(tx, at)
    const claims = await claimsAround(tx, at, orderId)
    const others = claims.filter((claim) => claim.order_id !== orderId && isPending(claim, shownAt))
    // Whoever has it pays for more of it: a node in maintenance keeps what it has.
    const host = { cpu, promised: sum(others) }
    if (!hasRoomFor({ ...node, maintenance_mode: false }, growth, host)) return false
    await tx.$executeRaw(
      sql`INSERT INTO allocation_claim (allocation_id, panel_id, node_id, order_id, memory, disk, cpu, created_at)
          VALUES (${found.allocation}, ${panel.id}, ${node.id}, ${orderId}, ${growth.memory}, ${growth.disk}, ${growth.cpu},
            UTC_TIMESTAMP(3))
          ON DUPLICATE KEY UPDATE memory = VALUES(memory), disk = VALUES(disk), cpu = VALUES(cpu), on_panel_at = NULL`,
    )
    return true
  })
}

export function growthOf(has: Size, wanted: Size): Size {
  const more = (part: keyof Size) => Math.max(0, wanted[part] - has[part])
  return { memory: more('memory'), disk: more('disk'), cpu: more('cpu') }
}

/** How much cpu the servers of a node may have together; null where its region does not say, or has it no more. */
export async function cpuOf(
  prisma: PrismaClient,
  region: string,
  { panelId, nodeId }: PanelNodeId,
): Promise<number | null> {
  if ((await panelOfRegion(prisma, region)) !== panelId) return null
  const row = await prisma.regionNode.findUnique({ where: { region_nodeId: { region, nodeId } } })
  return row?.cpu ?? null
}

export async function databaseNow(prisma: PrismaClient): Promise<Date> {
  const [row] = await prisma.$queryRaw<{ now: Date }[]>(sql`SELECT UTC_TIMESTAMP(3) AS now`)
  return row?.now ?? new Date(0)
}
