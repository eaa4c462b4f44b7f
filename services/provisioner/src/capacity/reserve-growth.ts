import { inTransaction } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import type { Panel } from '../panel-types/panel.ts'
import type { PanelServer } from '../panel-types/resources.ts'
import { growthOf, type Host, hasRoomFor, type Size, sum } from '../rules/capacity.ts'
import { isPending } from '../rules/reservations.ts'
import { databaseNow } from '../store/clock.ts'
import { cpuOf } from '../store/regions.ts'
import { lockNodes, reservationsAround, reserveGrowth } from '../store/reservations.ts'

/** Reserves what the server is to have more, on its node and under the node's row lock; false where it does not fit. */
export async function reserveGrowthOnNode(
  { prisma, panel }: { prisma: PrismaClient; panel: Panel },
  { orderId, region, found, wanted }: { orderId: string; region: string; found: PanelServer; wanted: Size },
): Promise<boolean> {
  const growth = growthOf(found.limits, wanted)
  if (growth.memory + growth.disk + growth.cpu === 0) return true
  const shownAt = await databaseNow(prisma)
  // The panel counts no cpu: only growth in cpu is held to the limit that the seller set for the node.
  const cpu = growth.cpu === 0 ? null : await cpuOf(prisma, region, { panelId: panel.id, nodeId: found.node })
  const node = await panel.node(found.node, { withServers: cpu !== null })
  if (!node) return false
  const at = { panelId: panel.id, nodeId: node.id }
  return await inTransaction(prisma, async (tx) => {
    await lockNodes(tx, panel.id, [node.id])
    const reservations = await reservationsAround(tx, at, orderId)
    const others = reservations.filter(
      (reservation) => reservation.order_id !== orderId && isPending(reservation, shownAt),
    )
    // A node in maintenance keeps its servers, and their owners may upgrade.
    const host: Partial<Host> = { cpu, reserved: sum(others) }
    if (!hasRoomFor({ ...node, maintenance_mode: false }, growth, host)) return false
    await reserveGrowth(tx, { ...at, orderId, allocationId: found.allocation, growth })
    return true
  })
}
