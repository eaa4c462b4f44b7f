import { inTransaction, isDuplicate, join, sql, type Transaction } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import { hasRoom, sum } from '../rules/capacity.ts'
import type { Candidate } from '../rules/nodes.ts'
import { choosePorts, type Port } from '../rules/ports.ts'
import {
  isPending,
  type Need,
  openPorts,
  type PanelNodeId,
  type Place,
  placeOf,
} from '../rules/reservations.ts'
import { isReached, limitReached, type UnpaidLimit } from '../rules/unpaid-limit.ts'
import type { Wait } from '../rules/wait.ts'
import { claimsAround, heldUnpaid } from '../store/reservations.ts'

/** Whom a place is for; one that is not paid for yet is theirs only until `reservedUntil`. */
export type Holder = { orderId: string; orderVersion: number; reservedUntil: Date | null }

type Wish = {
  holder: Holder
  need: Need
  panelId: string
  host: Candidate
  /** As the panel shows them. */
  free: Port[]
  /** When it showed the node, and when its ports. */
  shownAt: { node: Date; ports: Date }
  /** How much orders like this one may hold together. */
  limit?: UnpaidLimit | null
}

/** The node's room and ports for this order, unless they are gone. Decided under the node's row: two orders never count on the same room. */
export async function claimPlace(
  prisma: PrismaClient,
  { holder, need, panelId, host, free, shownAt, limit = null }: Wish,
): Promise<Place | { wait: Wait } | null> {
  const at = { panelId, nodeId: host.node.id }
  return await inTransaction(prisma, async (tx) => {
    // Of two at once the second sees what the first holds: all nodes of the region, always in the same order.
    await lockNodes(tx, panelId, limit?.nodeIds ?? [at.nodeId])
    const claims = await claimsAround(tx, at, holder.orderId)
    const own = placeOf(claims.filter(({ order_id }) => order_id === holder.orderId))
    if (own) return own
    const promised = sum(claims.filter((claim) => isPending(claim, shownAt.node)))
    if (!hasRoom({ ...host, promised }, need.size)) return null
    const ports = choosePorts(openPorts(free, claims, shownAt.ports), need.extras)
    if (!ports) return null
    const held = limit && (await heldUnpaid(tx, limit, holder.orderId))
    if (limit && held && isReached(limit, held)) return { wait: limitReached(limit, held) }
    await insertClaims(tx, { ...at, ports, holder, need, portsShownAt: shownAt.ports })
    return { ...at, ports: ports.map(({ id, port }) => ({ id, port })) }
  })
}

/** Whoever decides about room and ports of a node does so under its row. */
export async function lockNode(tx: Transaction, { panelId, nodeId }: PanelNodeId): Promise<void> {
  await lockNodes(tx, panelId, [nodeId])
}

async function lockNodes(tx: Transaction, panelId: string, nodeIds: number[]): Promise<void> {
  await tx.$executeRaw(
    sql`INSERT INTO node_capacity (node_id, panel_id) VALUES ${join(nodeIds.map((id) => sql`(${id}, ${panelId})`))}
        ON DUPLICATE KEY UPDATE node_id = VALUES(node_id)`,
  )
}

type Chosen = PanelNodeId & { ports: Port[]; holder: Holder; need: Need; portsShownAt: Date }

async function insertClaims(tx: Transaction, chosen: Chosen): Promise<void> {
  try {
    await insertRows(tx, chosen)
  } catch (error) {
    if (!isDuplicate(error)) throw error
    await dropStale(tx, chosen)
    await insertRows(tx, chosen)
  }
}

async function insertRows(tx: Transaction, { panelId, nodeId, ports, holder, need }: Chosen): Promise<void> {
  const rows = ports.map(({ id, port }, position) => {
    const { memory, disk, cpu } = position === 0 ? need.size : { memory: 0, disk: 0, cpu: 0 }
    return sql`(${id}, ${panelId}, ${nodeId}, ${holder.orderId}, ${position}, ${port}, ${memory}, ${disk}, ${cpu},
      ${holder.reservedUntil}, ${holder.orderVersion}, UTC_TIMESTAMP(3))`
  })
  await tx.$executeRaw(
    sql`INSERT INTO allocation_claim (allocation_id, panel_id, node_id, order_id, position, port, memory, disk, cpu,
          reserved_until, order_version, created_at)
        VALUES ${join(rows)}`,
  )
}

/** A port that is free again had a server that is gone. */
async function dropStale(tx: Transaction, { panelId, nodeId, ports, portsShownAt }: Chosen): Promise<void> {
  await tx.$executeRaw(
    sql`DELETE FROM allocation_claim WHERE allocation_id IN (${join(ports.map(({ id }) => id))}) AND panel_id = ${panelId}
          AND (on_panel_at < ${portsShownAt} OR node_id <> ${nodeId})`,
  )
}
