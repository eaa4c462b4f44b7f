import { inTransaction } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import { hasRoom, sum } from '../rules/capacity.ts'
import type { Candidate } from '../rules/nodes.ts'
import { choosePorts, type Port } from '../rules/ports.ts'
import { isPending, type Need, openPorts, type Placement, placementOf } from '../rules/reservations.ts'
import { isReached, limitReached, type UnpaidLimit } from '../rules/unpaid-limit.ts'
import type { Wait } from '../rules/waiting-reasons.ts'
import {
  type Holder,
  heldUnpaid,
  insertReservations,
  lockNodes,
  reservationsAround,
} from '../store/reservations.ts'

type ReservationRequest = {
  holder: Holder
  need: Need
  panelId: string
  host: Candidate
  /** As the panel shows them. */
  free: Port[]
  /** When it showed the node, and when its ports. */
  shownAt: { node: Date; ports: Date }
  /** How much such orders may hold together. */
  limit?: UnpaidLimit | null
}

/** Reserves capacity and ports of the node for this order, unless they are gone. Decided under the node's row lock: no capacity is given twice. */
export async function reserveOnNode(
  prisma: PrismaClient,
  { holder, need, panelId, host, free, shownAt, limit = null }: ReservationRequest,
): Promise<Placement | { wait: Wait } | null> {
  const at = { panelId, nodeId: host.node.id }
  return await inTransaction(prisma, async (tx) => {
    // Of two at once the second sees what the first reserved: all nodes of the region, always locked in the same order.
    await lockNodes(tx, panelId, limit?.nodeIds ?? [at.nodeId])
    const reservations = await reservationsAround(tx, at, holder.orderId)
    const own = placementOf(reservations.filter(({ order_id }) => order_id === holder.orderId))
    if (own) return own
    const reserved = sum(reservations.filter((reservation) => isPending(reservation, shownAt.node)))
    if (!hasRoom({ ...host, reserved }, need.size)) return null
    const ports = choosePorts(openPorts(free, reservations, shownAt.ports), need.extras)
    if (!ports) return null
    const held = limit && (await heldUnpaid(tx, limit, holder.orderId))
    if (limit && held && isReached(limit, held)) return { wait: limitReached(limit, held) }
    await insertReservations(tx, { ...at, ports, holder, need, portsShownAt: shownAt.ports })
    return { ...at, ports: ports.map(({ id, port }) => ({ id, port })) }
  })
}
