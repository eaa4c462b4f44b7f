import { sql } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import { mainPanel } from '../panel-types/main-panel.ts'
import type { Panel } from '../panel-types/panel.ts'
import type { PanelFinding } from '../panel-types/panel-finding.ts'
import type { PanelNode } from '../panel-types/resources.ts'

/** The nodes of every region of a panel: whether they are there, open, and have room and ports. */
export async function checkPanelNodes(prisma: PrismaClient, panel: Panel): Promise<PanelFinding[]> {
  const wanted = await nodesOfRegions(prisma, panel.id)
  if (wanted.length === 0)
    return [warning('regions', 'No region has a node: PUT /admin/region-nodes/{region}.')]
  const nodes = new Map((await panel.nodes({ withServers: false })).map((node) => [node.id, node]))
  const findings: PanelFinding[] = []
  for (const { region, node_id, enabled } of wanted) {
    const found = nodes.get(node_id)
    const what = `node ${node_id}`
    if (!found) findings.push(missing(what, region, node_id))
    else if (Number(enabled) === 1) findings.push(...(await look(panel, what, found)))
  }
  return findings
}

type Wanted = { region: string; node_id: number; enabled: number | boolean }

async function nodesOfRegions(prisma: PrismaClient, panelId: string): Promise<Wanted[]> {
  return await prisma.$queryRaw<Wanted[]>(
    sql`SELECT region_node_map.region, node_id, enabled
        FROM region_node_map LEFT JOIN region ON region.region = region_node_map.region
        WHERE COALESCE(region.panel_id, ${mainPanel}) = ${panelId}
        ORDER BY region_node_map.region, node_id`,
  )
}

async function look(panel: Panel, what: string, found: PanelNode): Promise<PanelFinding[]> {
  const free = await panel.freePorts(found.id, 1)
  const warnings = [
    ...(found.maintenance_mode
      ? [
          `${found.name} is under maintenance: nothing is placed there. End it on the panel, or disable the node here.`,
        ]
      : []),
    ...unlimited(found, 'memory', found.memory_overallocate),
    ...unlimited(found, 'disk', found.disk_overallocate),
    ...(free.length === 0 ? [`${found.name} has no free port: add allocations to it on the panel.`] : []),
  ]
  if (warnings.length > 0) return warnings.map((message) => warning(what, message))
  return [{ level: 'ok', what, message: `${found.name} is open, with free ports.` }]
}

// What the panel's form calls unlimited.
function unlimited({ name }: PanelNode, size: 'memory' | 'disk', overallocate: number): string[] {
  if (overallocate >= 0) return []
  const share = 100 + overallocate
  return [
    `${name} has ${overallocate} for ${size} over-allocation, which the panel counts as ${share} % of its ${size}, not as unlimited: set 0, or how many percent more it may sell.`,
  ]
}

function missing(what: string, region: string, nodeId: number): PanelFinding {
  const message = `The region ${region} names it, and the panel has no node ${nodeId}: PUT /admin/region-nodes/${region}.`
  return { level: 'error', what, message }
}

function warning(what: string, message: string): PanelFinding {
  return { level: 'warning', what, message }
}
