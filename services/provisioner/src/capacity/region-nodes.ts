import type { PrismaClient } from '../generated/client.ts'
import { mainPanel } from '../panel-types/main-panel.ts'
import type { PanelTools } from '../panels/panel-tools.ts'
import type { Panels } from '../panels/panels.ts'
import { nothing, sum } from '../rules/capacity.ts'
import type { Candidate } from '../rules/nodes.ts'
import { isPending, type Reservation } from '../rules/reservations.ts'
import type { Wait } from '../rules/waiting-reasons.ts'
import { nodesOfRegion } from '../store/regions.ts'
import { reservationsOn } from '../store/reservations.ts'

export type RegionNodes = { tools: PanelTools; hosts: Candidate[]; claims: Reservation[]; shownAt: Date }

/** The nodes of a region as the next server finds them; otherwise the reason why there is none. */
export async function regionNodes(
  { prisma, panels }: { prisma: PrismaClient; panels: Panels },
  region: string,
): Promise<RegionNodes | Wait> {
  const wanted = await nodesOfRegion(prisma, region)
  const change = `PUT /admin/region-nodes/${region}.`
  if (wanted.length === 0)
    return { class: 'region_without_nodes', message: `No node is set for the region ${region}: ${change}` }
  const panelId = wanted[0]?.panel_id ?? mainPanel
  const tools = await panels.get(panelId)
  const { items, shownAt } = await tools.cache.nodes({ withCpu: wanted.some(({ cpu }) => cpu !== null) })
  const there = wanted.flatMap(({ node_id, weight, cpu }) =>
    items.filter(({ id }) => id === node_id).map((node) => ({ node, weight, cpu, promised: nothing })),
  )
  if (there.length === 0)
    return {
      class: 'nodes_missing',
      message: `The panel${named(panelId)} has none of the nodes of the region ${region}: ${change}`,
    }
  const claims = await reservationsOn(
    prisma,
    panelId,
    there.map(({ node }) => node.id),
  )
  const pending = claims.filter((claim) => isPending(claim, shownAt))
  const hosts = there.map((host) => ({
    ...host,
    promised: sum(pending.filter(({ node_id }) => node_id === host.node.id)),
  }))
  return { tools, hosts, claims, shownAt }
}

// Sellers with one panel never see its name.
function named(panelId: string): string {
  return panelId === mainPanel ? '' : ` ${panelId}`
}
