import type { PrismaClient } from '../generated/client.ts'
import type { Panel, PanelFinding } from '../panel-types/panel.ts'
import type { PanelNode } from '../panel-types/resources.ts'
import { nodesOfPanel } from '../store/regions.ts'

/** The nodes of every region of a panel: whether they are there, open, and have room and ports. */
export async function checkPanelNodes(prisma: PrismaClient, panel: Panel): Promise<PanelFinding[]> {
  const wanted = await nodesOfPanel(prisma, panel.id)
  if (wanted.length === 0)
    return [warning('regions', 'No region has a node: PUT /admin/region-nodes/{region}.')]
  const nodes = new Map((await panel.nodes({ withServers: false })).map((node) => [node.id, node]))
  const findings: PanelFinding[] = []
  for (const { region, node_id, enabled } of wanted) {
    const found = nodes.get(node_id)
    const what = `node ${node_id}`
    if (!found) findings.push(missing(what, region, node_id))
    else if (Number(enabled) === 1) findings.push(...(await checkNode(panel, what, found)))
  }
  return findings
}

async function checkNode(panel: Panel, what: string, found: PanelNode): Promise<PanelFinding[]> {
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
