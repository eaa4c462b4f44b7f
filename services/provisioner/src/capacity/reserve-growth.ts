import { inTransaction } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import type { Panel } from '../panel-types/panel.ts'
import type { PanelServer } from '../panel-types/resources.ts'
import { growthOf, type Host, hasRoomFor, sum } from '../rules/capacity.ts'
import { nodeFull, portsMissing } from '../rules/plan-change.ts'
import type { PlanSpec } from '../rules/plan-spec.ts'
import { type PortChange, portChange } from '../rules/port-change.ts'
import { isPending, openPorts } from '../rules/reservations.ts'
import type { Wait } from '../rules/waiting-reasons.ts'
import { databaseNow } from '../store/clock.ts'
import { cpuOf } from '../store/regions.ts'
import { lockNodes, reservationsAround, reserveGrowth, reservePorts } from '../store/reservations.ts'

/** As many as the panel lists. */
const mostPorts = 500

type Growth = {
  orderId: string
  region: string
  found: PanelServer
  plan: string
  spec: Pick<PlanSpec, 'limits' | 'ports'>
  /** Of the plan before. */
  portsBefore: PlanSpec['ports']
  /** False: only looked at, nothing is reserved. */
  isReserved: boolean
}

/** Reserves what the server is to have more, on its node and under the node's row lock; the reason where it does not fit. */
export async function reserveGrowthOnNode(
  { prisma, panel }: { prisma: PrismaClient; panel: Panel },
  { orderId, region, found, plan, spec, portsBefore, isReserved }: Growth,
): Promise<PortChange | Wait> {
  const growth = growthOf(found.limits, spec.limits)
  const grows = growth.memory + growth.disk + growth.cpu > 0
  const at = { panelId: panel.id, nodeId: found.node }
  const shownAt = await databaseNow(prisma)
  // The panel counts no cpu: only growth in cpu is held to the limit that the seller set for the node.
  const cpu = growth.cpu === 0 ? null : await cpuOf(prisma, region, at)
  const node = grows ? await panel.node(found.node, { withServers: cpu !== null }) : null
  if (grows && !node) return nodeFull(found.node, plan)
  const free = spec.ports.length > 0 ? await panel.freePorts(found.node, mostPorts) : []
  return await inTransaction(prisma, async (tx) => {
    if (isReserved) await lockNodes(tx, panel.id, [found.node])
    const reservations = await reservationsAround(tx, at, orderId)
    const isOwn = ({ order_id }: { order_id: string }) => order_id === orderId
    const others = reservations.filter((one) => !isOwn(one) && isPending(one, shownAt))
    // A node in maintenance keeps its servers, and their owners may upgrade.
    const host: Partial<Host> = { cpu, reserved: sum(others) }
    if (node && !hasRoomFor({ ...node, maintenance_mode: false }, growth, host))
      return nodeFull(found.node, plan)
    const change = portChange({
      found,
      before: portsBefore,
      after: spec.ports,
      claimed: reservations.filter(isOwn).map(({ allocation_id }) => allocation_id),
      free: openPorts(free, others, shownAt),
    })
    if (!change) return portsMissing(found.node, plan)
    const isOther = change.add.length + change.remove.length > 0
    if (isReserved && (grows || isOther)) {
      await reserveGrowth(tx, { ...at, orderId, allocationId: found.allocation, growth })
      if (isOther)
        await reservePorts(tx, { ...at, orderId, ports: [...change.keep, ...change.add, ...change.remove] })
    }
    return change
  })
}
