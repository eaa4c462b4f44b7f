import type { PrismaClient } from '../generated/client.ts'
import { mainPanel } from '../panel-types/main-panel.ts'
import type { PanelTools } from '../panels/panel-tools.ts'
import type { Panels } from '../panels/panels.ts'
import { noSize, sum } from '../rules/capacity.ts'
import type { Candidate } from '../rules/nodes.ts'
import { isPending, type Reservation } from '../rules/reservations.ts'
import type { Wait } from '../rules/waiting-reasons.ts'
import { nodesOfRegion } from '../store/regions.ts'
import { reservationsOn } from '../store/reservations.ts'

export type RegionNodes = {
  tools: PanelTools
  hosts: Candidate[]
  reservations: Reservation[]
  shownAt: Date
}

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
  const { items, shownAt } = await tools.view.nodes({ withCpu: wanted.some(({ cpu }) => cpu !== null) })
  const there = wanted.flatMap(({ node_id, weight, cpu }) =>
    items.filter(({ id }) => id === node_id).map((node) => ({ node, weight, cpu, reserved: noSize })),
  )
  if (there.length === 0)
    return {
      class: 'nodes_missing',
      message: `The panel${named(panelId)} has none of the nodes of the region ${region}: ${change}`,
    }
  const reservations = await reservationsOn(
    prisma,
    panelId,
    there.map(({ node }) => node.id),
  )
  const pending = reservations.filter((reservation) => isPending(reservation, shownAt))
  const hosts = there.map((host) => ({
    ...host,
    reserved: sum(pending.filter(({ node_id }) => node_id === host.node.id)),
  }))
  return { tools, hosts, reservations, shownAt }
}

// Sellers with one panel never see its name.
function named(panelId: string): string {
  return panelId === mainPanel ? '' : ` ${panelId}`
}
