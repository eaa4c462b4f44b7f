import type { CheckedChange, checkRegion } from '@spawnpoint/contracts'
import type { z } from 'zod'
import { orPanelAway } from '../capacity/or-panel-away.ts'
import type { PrismaClient } from '../generated/client.ts'
import type { Panels } from '../panels/panels.ts'
import { nodesOfRegion } from '../store/regions.ts'
import { findExistingServer } from '../store/servers.ts'

/** Whether the server of an order is on a node of a region, as the panel shows it now. */
export function createCheckRegion({ prisma, panels }: { prisma: PrismaClient; panels: Panels }) {
  return async ({ order_id, region }: z.infer<typeof checkRegion.request>): Promise<CheckedChange> => {
    const server = await findExistingServer(prisma, order_id)
    if (!server) return problem('server_unknown', `Order ${order_id} has no server that could be elsewhere.`)
    const nodes = await nodesOfRegion(prisma, region)
    const [first] = nodes
    if (!first) return problem('region_without_nodes', `No node is set for the region ${region}.`)
    const { panel_id: panelId, ptero_server_id: id } = server
    if (first.panel_id !== panelId)
      return problem(
        'region_on_other_panel',
        `The region ${region} is on the panel ${first.panel_id}, and server ${id} on ${panelId}: panels transfer no servers to each other. Its customer needs a new order there.`,
      )
    const { panel } = await panels.get(panelId)
    const found = await orPanelAway(() => panel.server(id))
    if (!found) return problem('server_missing', `Server ${id} is no longer on the panel.`)
    if (nodes.some(({ node_id }) => node_id === found.node)) return { problem: null }
    const wanted = nodes.map(({ node_id }) => node_id).join(' or ')
    return problem(
      'transfer_on_panel',
      `Server ${id} is on node ${found.node}, and only a person transfers a server: do that on the panel, to node ${wanted} (Admin → Servers → the server → Manage → Transfer Server). Its order follows by itself with the next sweep, or with this request once that is done.`,
    )
  }
}

function problem(name: string, message: string): CheckedChange {
  return { problem: { class: name, message } }
}
