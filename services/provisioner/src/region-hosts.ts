import { sql } from '@spawnpoint/database'
import { nothing, sum } from './capacity.ts'
import { type Claim, claimsOn, isPending } from './claims.ts'
import type { Candidate } from './draw-nodes.ts'
import type { PrismaClient } from './generated/client.ts'
import type { PanelView } from './panel-view.ts'
import type { Wait } from './wait.ts'

export type RegionHosts = { hosts: Candidate[]; claims: Claim[]; shownAt: Date }

/** The nodes of a region as they are for the next server; why there is none where there is none. */
export async function regionHosts(
  { prisma, view }: { prisma: PrismaClient; view: PanelView },
  region: string,
): Promise<RegionHosts | Wait> {
  const wanted = await nodesOfRegion(prisma, region)
  const change = `PUT /admin/region-nodes/${region}.`
  if (wanted.length === 0)
    return { class: 'region_without_nodes', message: `No node is set for the region ${region}: ${change}` }
  const { items, shownAt } = await view.nodes({ withCpu: wanted.some(({ cpu }) => cpu !== null) })
  const there = wanted.flatMap(({ node_id, ...use }) =>
    items.filter(({ id }) => id === node_id).map((node) => ({ node, ...use, promised: nothing })),
  )
  if (there.length === 0)
    return {
      class: 'nodes_missing',
      message: `The panel has none of the nodes of the region ${region}: ${change}`,
    }
  const claims = await claimsOn(
    prisma,
    there.map(({ node }) => node.id),
  )
  const pending = claims.filter((claim) => isPending(claim, shownAt))
  const hosts = there.map((host) => ({
    ...host,
    promised: sum(pending.filter(({ node_id }) => node_id === host.node.id)),
  }))
  return { hosts, claims, shownAt }
}

type RegionNode = { node_id: number; weight: number; cpu: number | null }

async function nodesOfRegion(prisma: PrismaClient, region: string): Promise<RegionNode[]> {
  return await prisma.$queryRaw<RegionNode[]>(
    sql`SELECT node_id, weight, cpu FROM region_node_map WHERE region = ${region} AND enabled ORDER BY node_id`,
  )
}
