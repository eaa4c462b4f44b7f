import type { PrismaClient } from '../generated/client.ts'
import type { Panels } from '../panels/panels.ts'
import { drawNodes } from '../rules/nodes.ts'
import { choosePorts } from '../rules/ports.ts'
import { type Need, openPorts, type Placement } from '../rules/reservations.ts'
import type { UnpaidLimit } from '../rules/unpaid-limit.ts'
import type { Wait } from '../rules/waiting-reasons.ts'
import type { Holder } from '../store/reservations.ts'
import { type RegionNodes, regionNodes } from './region-nodes.ts'
import { reserveOnNode } from './reserve-on-node.ts'

export type CapacityDeps = { prisma: PrismaClient; panels: Panels }
type Wanted = {
  holder: Holder
  region: string
  need: Need
  /** How much such orders may hold together; read once the ports of its node are known. */
  limitOf?: (region: string, found: RegionNodes, need: Need) => Promise<UnpaidLimit>
}

/** Reserves capacity and ports on a node of the region; otherwise the reason why there are none. */
export async function reserveInRegion(
  deps: CapacityDeps,
  { holder, region, need, limitOf }: Wanted,
): Promise<Placement | { wait: Wait }> {
  const found = await regionNodes(deps, region)
  if ('class' in found) return { wait: found }
  const { panel, view, gates } = found.tools
  const drawn = drawNodes(found.hosts, need.size)
  // A node that does not answer comes last: its servers wait until it does.
  const last = drawn.filter(({ node }) => gates.isAvoided(node.id))
  for (const host of [...drawn.filter((one) => !last.includes(one)), ...last]) {
    const { items: free, shownAt } = await view.freePorts(host.node.id)
    // Checked first without the node's lock, so that nobody waits for the lock of a full node.
    if (!choosePorts(openPorts(free, found.reservations, shownAt), need.extras)) continue
    const request = {
      holder,
      need,
      panelId: panel.id,
      host,
      free,
      shownAt: { node: found.shownAt, ports: shownAt },
      limit: (await limitOf?.(region, found, need)) ?? null,
    }
    const place = await reserveOnNode(deps.prisma, request)
    if (place) return place
  }
  await limitOf?.(region, found, need)
  return { wait: noCapacity(region, need) }
}

function noCapacity(region: string, { size, extras }: Need): Wait {
  const ports = extras.length === 0 ? 'a free port' : `${extras.length + 1} free ports that belong together`
  return {
    class: 'no_capacity',
    message: `No node of the region ${region} has ${size.memory} MiB of memory, ${size.disk} MiB of disk and ${ports}.`,
  }
}
