import { z } from '@hono/zod-openapi'
import { nodeAttributes, page } from './panel/resources.ts'
import type { CheckPanelDeps, PanelFinding } from './panel-finding.ts'

const node = nodeAttributes.extend({ name: z.string() })
type Node = z.output<typeof node>

/** The nodes of every region that is sold: whether they are there, open, and have room and ports. */
export async function checkPanelNodes({ prisma, panel }: CheckPanelDeps): Promise<PanelFinding[]> {
  const wanted = await prisma.regionNode.findMany({ orderBy: [{ region: 'asc' }, { nodeId: 'asc' }] })
  if (wanted.length === 0)
    return [warning('regions', 'No region has a node: PUT /admin/region-nodes/{region}.')]
  const { items } = await panel.call('/nodes?per_page=1000', page(node))
  const nodes = new Map(items.map((item) => [item.id, item]))
  const findings: PanelFinding[] = []
  for (const { region, nodeId, enabled } of wanted) {
    const found = nodes.get(nodeId)
    const what = `node ${nodeId}`
    if (!found) findings.push(missing(what, region, nodeId))
    else if (enabled) findings.push(...(await look(panel, what, found)))
  }
  return findings
}

async function look(panel: CheckPanelDeps['panel'], what: string, found: Node): Promise<PanelFinding[]> {
  const free = await panel.call(
    `/nodes/${found.id}/allocations?filter[server_id]=false&per_page=1`,
    page(z.object({ id: z.number().int() })),
  )
  const warnings = [
    ...(found.maintenance_mode
      ? [
          `${found.name} is under maintenance: nothing is placed there. End it on the panel, or disable the node here.`,
        ]
      : []),
    ...unlimited(found, 'memory', found.memory_overallocate),
    ...unlimited(found, 'disk', found.disk_overallocate),
    ...(free.items.length === 0
      ? [`${found.name} has no free port: add allocations to it on the panel.`]
      : []),
  ]
  if (warnings.length > 0) return warnings.map((message) => warning(what, message))
  return [{ level: 'ok', what, message: `${found.name} is open, with free ports.` }]
}

// What the panel's form calls unlimited.
function unlimited({ name }: Node, size: 'memory' | 'disk', overallocate: number): string[] {
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
