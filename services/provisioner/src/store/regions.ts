import { inTransaction, sql, type Transaction } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import { mainPanel } from '../panel-types/main-panel.ts'
import type { PanelNodeId } from '../rules/reservations.ts'
import { lockPanel } from './panels.ts'
import type { Tx } from './tx.ts'

/** The panel on which servers of a region are placed from now on. */
export async function panelOfRegion(db: Tx, region: string): Promise<string> {
  const row = await db.region.findUnique({ where: { region } })
  return row?.panelId ?? mainPanel
}

/** The panel and all nodes of a region, as they are set; null where none are. */
export async function readRegion(db: Tx, region: string) {
  const nodes = await db.regionNode.findMany({ where: { region }, orderBy: { nodeId: 'asc' } })
  if (nodes.length === 0 && !(await db.region.findUnique({ where: { region } }))) return null
  return {
    panel: await panelOfRegion(db, region),
    nodes: nodes.map(({ nodeId, weight, enabled, cpu }) => ({ node_id: nodeId, weight, enabled, cpu })),
  }
}

type RegionNode = { panel_id: string; node_id: number; weight: number; cpu: number | null }

/** The enabled nodes of a region, with the panel they are on. */
export async function nodesOfRegion(prisma: PrismaClient, region: string): Promise<RegionNode[]> {
  return await prisma.$queryRaw<RegionNode[]>(
    sql`SELECT COALESCE(region.panel_id, ${mainPanel}) AS panel_id, node_id, weight, cpu
        FROM region_node_map LEFT JOIN region ON region.region = region_node_map.region
        WHERE region_node_map.region = ${region} AND enabled ORDER BY node_id`,
  )
}

type PlacedNode = { region: string; node_id: number; enabled: number | boolean }

/** The nodes of every region of a panel. */
export async function nodesOfPanel(prisma: PrismaClient, panelId: string): Promise<PlacedNode[]> {
  return await prisma.$queryRaw<PlacedNode[]>(
    sql`SELECT region_node_map.region, node_id, enabled
        FROM region_node_map LEFT JOIN region ON region.region = region_node_map.region
        WHERE COALESCE(region.panel_id, ${mainPanel}) = ${panelId}
        ORDER BY region_node_map.region, node_id`,
  )
}

/** The regions in which servers may be on this node. */
export async function regionsOfNode(
  prisma: PrismaClient,
  panelId: string,
  nodeId: number,
): Promise<string[]> {
  const nodes = await nodesOfPanel(prisma, panelId)
  return nodes.filter(({ node_id }) => node_id === nodeId).map(({ region }) => region)
}

export async function isRegionServed(prisma: PrismaClient, region: string): Promise<boolean> {
  return (await prisma.regionNode.findFirst({ where: { region, enabled: true } })) !== null
}

/** How much cpu the servers of a node may have together; null where its region sets no limit or no longer has the node. */
export async function cpuOf(
  prisma: PrismaClient,
  region: string,
  { panelId, nodeId }: PanelNodeId,
): Promise<number | null> {
  if ((await panelOfRegion(prisma, region)) !== panelId) return null
  const row = await prisma.regionNode.findUnique({ where: { region_nodeId: { region, nodeId } } })
  return row?.cpu ?? null
}

/** Sets the panel and the nodes on which servers of a region are placed from now on. */
export async function replaceRegion(
  prisma: PrismaClient,
  region: string,
  {
    panel,
    nodes,
  }: { panel: string; nodes: { node_id: number; weight: number; enabled: boolean; cpu: number | null }[] },
): Promise<void> {
  const rows = nodes.map(({ node_id, ...node }) => ({ ...node, region, nodeId: node_id }))
  await inTransaction(prisma, async (tx) => {
    // Before its nodes: two concurrent requests do not mix their nodes.
    const panelId = panel
    await tx.region.upsert({ where: { region }, create: { region, panelId }, update: { panelId } })
    await lockPanel(tx, panel)
    await movePendingOrders(tx, { region, panelId })
    await tx.regionNode.deleteMany({ where: { region } })
    await tx.regionNode.createMany({ data: rows })
  })
}

/**
 * Orders move to another panel with their region, unless a create was already sent; a server that is being reconciled finds
 * out by itself. Otherwise servers queued on a panel that hangs would wait there.
 */
async function movePendingOrders(
  tx: Transaction,
  { region, panelId }: { region: string; panelId: string },
): Promise<void> {
  await tx.$executeRaw(
    sql`UPDATE server SET panel_id = ${panelId}, next_attempt_at = IF(next_attempt_at IS NULL, NULL, UTC_TIMESTAMP(3))
        WHERE generation = 0 AND ptero_server_id IS NULL AND lease_token IS NULL AND panel_id <> ${panelId}
          AND JSON_UNQUOTE(JSON_EXTRACT(order_state, '$.region')) = ${region}`,
  )
}
