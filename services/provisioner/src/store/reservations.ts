import type { OrderState } from '@spawnpoint/contracts'
import {
  againAfterRaces,
  inTransaction,
  isDuplicate,
  join,
  type Sql,
  sql,
  type Transaction,
} from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import { mainPanel } from '../panel-types/main-panel.ts'
import type { PanelServer } from '../panel-types/resources.ts'
import type { Size } from '../rules/capacity.ts'
import type { Port } from '../rules/ports.ts'
import { inPlaces } from '../rules/region-capacity.ts'
import type { Need, PanelNodeId, Reservation } from '../rules/reservations.ts'
import type { Held, UnpaidLimit } from '../rules/unpaid-limit.ts'
import { dequeue } from './provisioning-queue.ts'
import type { Tx } from './tx.ts'

/** A bank payment may stay pending for this long. */
const pendingDays = 15

/** Applies the newest state of orders to their reservations: a paid order keeps its own, an ended one releases it. */
export async function updateReservations(tx: Tx, orders: OrderState[]): Promise<void> {
  const wanted = orders.filter(({ desired }) => desired === 'running')
  const unwanted = orders.filter(({ desired }) => desired !== 'running')
  await setExpiry(tx, orderIdsOf(wanted), sql`NULL`)
  const pending = unwanted.filter(({ status, payment_id }) => status === 'pending' && payment_id !== null)
  await setExpiry(tx, orderIdsOf(pending), sql`UTC_TIMESTAMP(3) + INTERVAL ${pendingDays} DAY`)
  for (const { order_id, version } of unwanted.filter(hasEnded)) await release(tx, order_id, version)
  await dequeue(tx, orderIdsOf(unwanted))
}

/** Extends the expiry, never shortens it. False where nothing is reserved. */
export async function extendReservation(
  db: Transaction,
  { orderId, orderVersion, until }: { orderId: string; orderVersion: number; until: Date },
): Promise<boolean> {
  const extended = await db.$executeRaw(
    sql`UPDATE allocation_claim SET reserved_until = GREATEST(reserved_until, ${until}),
          order_version = GREATEST(order_version, ${orderVersion})
        WHERE order_id = ${orderId} AND reserved_until IS NOT NULL`,
  )
  return extended > 0
}

/** Releases what was not paid in time. */
export async function removeExpiredReservations(db: Transaction): Promise<void> {
  await db.$executeRaw(sql`DELETE FROM allocation_claim WHERE reserved_until < UTC_TIMESTAMP(3)`)
}

async function setExpiry(tx: Transaction, orderIds: string[], until: Sql): Promise<void> {
  if (orderIds.length === 0) return
  await tx.$executeRaw(
    sql`UPDATE allocation_claim SET reserved_until = ${until}
        WHERE order_id IN (${join(orderIds)}) AND reserved_until IS NOT NULL`,
  )
}

function hasEnded({ status, desired }: OrderState): boolean {
  return status === 'cancelled' || desired === 'terminated'
}

// A customer who opens a new checkout after a cancelled one reserves again, and the end of the first may be consumed later.
async function release(tx: Transaction, orderId: string, version: number): Promise<void> {
  await tx.$executeRaw(
    sql`DELETE FROM allocation_claim
        WHERE order_id = ${orderId} AND reserved_until IS NOT NULL AND order_version < ${version}`,
  )
}

function orderIdsOf(orders: OrderState[]): string[] {
  return orders.map(({ order_id }) => order_id)
}

/** All reservations on these nodes of a panel. */
export async function reservationsOn(
  db: Transaction,
  panelId: string,
  nodeIds: number[],
): Promise<Reservation[]> {
  return await reservationsWhere(db, sql`node_id IN (${join(nodeIds)}) AND panel_id = ${panelId}`)
}

/** All reservations on this node, and those of this order anywhere. */
export async function reservationsAround(
  db: Transaction,
  { panelId, nodeId }: PanelNodeId,
  orderId: string,
): Promise<Reservation[]> {
  return await reservationsWhere(
    db,
    sql`(node_id = ${nodeId} AND panel_id = ${panelId}) OR order_id = ${orderId}`,
  )
}

export async function reservationsOf(db: Transaction, orderId: string): Promise<Reservation[]> {
  return await reservationsWhere(db, sql`order_id = ${orderId}`)
}

/** For a reservation that conflicts with another server or is no longer needed. */
export async function removeReservation(db: Tx, orderId: string): Promise<void> {
  await db.allocationClaim.deleteMany({ where: { orderId } })
}

async function reservationsWhere(db: Transaction, condition: Sql): Promise<Reservation[]> {
  return await db.$queryRaw<Reservation[]>(
    sql`SELECT panel_id, allocation_id, node_id, order_id, position, port, memory, disk, cpu, on_panel_at
        FROM allocation_claim WHERE ${condition} ORDER BY order_id, position`,
  )
}

/** Longer reservations belong to a pending payment: a checkout is open for a day at most. */
const checkoutDays = 2

/** The reservations of unpaid orders on these nodes, without pending payments and without the given order. */
export async function heldUnpaid(
  db: Transaction,
  { panelId, nodeIds, size }: Pick<UnpaidLimit, 'panelId' | 'nodeIds' | 'size'>,
  orderId = '',
): Promise<Held> {
  const rows = await db.$queryRaw<Size[]>(
    sql`SELECT memory, disk, cpu FROM allocation_claim
        WHERE node_id IN (${join(nodeIds)}) AND panel_id = ${panelId} AND position = 0 AND order_id <> ${orderId}
          AND reserved_until > UTC_TIMESTAMP(3) AND reserved_until < UTC_TIMESTAMP(3) + INTERVAL ${checkoutDays} DAY`,
  )
  return { orders: rows.length, places: rows.reduce((total, taken) => total + inPlaces(taken, size), 0) }
}

/** Decisions about capacity and ports of a node are made under its row lock. */
export async function lockNodes(tx: Transaction, panelId: string, nodeIds: number[]): Promise<void> {
  await tx.$executeRaw(
    sql`INSERT INTO node_capacity (node_id, panel_id) VALUES ${join(nodeIds.map((id) => sql`(${id}, ${panelId})`))}
        ON DUPLICATE KEY UPDATE node_id = VALUES(node_id)`,
  )
}

/** The order that a reservation is for; an unpaid one expires at `reservedUntil`. */
export type Holder = { orderId: string; orderVersion: number; reservedUntil: Date | null }

type Chosen = PanelNodeId & { ports: Port[]; holder: Holder; need: Need; portsShownAt: Date }

export async function insertReservations(tx: Transaction, chosen: Chosen): Promise<void> {
  try {
    await insertRows(tx, chosen)
  } catch (error) {
    if (!isDuplicate(error)) throw error
    await removeStale(tx, chosen)
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

/** A port that is free again belonged to a server that is gone. */
async function removeStale(tx: Transaction, { panelId, nodeId, ports, portsShownAt }: Chosen): Promise<void> {
  await tx.$executeRaw(
    sql`DELETE FROM allocation_claim WHERE allocation_id IN (${join(ports.map(({ id }) => id))}) AND panel_id = ${panelId}
          AND (on_panel_at < ${portsShownAt} OR node_id <> ${nodeId})`,
  )
}

/** What a server is to have more, beside what the panel counts for it. */
export async function reserveGrowth(
  tx: Transaction,
  {
    panelId,
    nodeId,
    orderId,
    allocationId,
    growth,
  }: PanelNodeId & { orderId: string; allocationId: number; growth: Size },
): Promise<void> {
  await tx.$executeRaw(
    sql`INSERT INTO allocation_claim (allocation_id, panel_id, node_id, order_id, memory, disk, cpu, created_at)
        VALUES (${allocationId}, ${panelId}, ${nodeId}, ${orderId}, ${growth.memory}, ${growth.disk}, ${growth.cpu},
          UTC_TIMESTAMP(3))
        ON DUPLICATE KEY UPDATE memory = VALUES(memory), disk = VALUES(disk), cpu = VALUES(cpu), on_panel_at = NULL`,
  )
}

/** A server that was moved on the panel counts on its new node, until that shows it. */
export async function reserveMoved(
  prisma: PrismaClient,
  { panelId, orderId, found }: { panelId: string; orderId: string; found: PanelServer },
): Promise<void> {
  const { node, allocation, limits } = found
  await inTransaction(prisma, async (tx) => {
    await lockNodes(tx, panelId, [node])
    await removeReservation(tx, orderId)
    // Where its new port is reserved for an order, that one still counts there.
    await tx.$executeRaw(
      sql`INSERT INTO allocation_claim (allocation_id, panel_id, node_id, order_id, memory, disk, cpu, created_at, on_panel_at)
          VALUES (${allocation}, ${panelId}, ${node}, ${orderId}, ${limits.memory}, ${limits.disk}, ${limits.cpu},
            UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))
          ON DUPLICATE KEY UPDATE node_id = node_id`,
    )
  })
}

/** The ports of a server beside its own one while they change: those to come, and those to go until they are gone. */
export async function reservePorts(
  tx: Transaction,
  { panelId, nodeId, orderId, ports }: PanelNodeId & { orderId: string; ports: Port[] },
): Promise<void> {
  await tx.$executeRaw(sql`DELETE FROM allocation_claim WHERE order_id = ${orderId} AND position > 0`)
  const rows = ports.map(
    ({ id, port }, index) =>
      sql`(${id}, ${panelId}, ${nodeId}, ${orderId}, ${index + 1}, ${port}, 0, 0, 0, UTC_TIMESTAMP(3))`,
  )
  if (rows.length === 0) return
  // A row of somebody else is of a server that is gone: the panel shows its port as free.
  await tx.$executeRaw(
    sql`INSERT INTO allocation_claim (allocation_id, panel_id, node_id, order_id, position, port, memory, disk, cpu, created_at)
        VALUES ${join(rows)}
        ON DUPLICATE KEY UPDATE order_id = VALUES(order_id), position = VALUES(position), port = VALUES(port),
          node_id = VALUES(node_id), memory = 0, disk = 0, cpu = 0, reserved_until = NULL, on_panel_at = NULL`,
  )
}

/** Whether the reserved node is still offered in the region, and whether an unanswered call may still use it. */
export async function reservationState(
  db: Transaction,
  { order_id, region }: OrderState,
  { panel_id: panelId, node_id: nodeId }: Reservation,
) {
  const [row] = await db.$queryRaw<{ offered: bigint | number; landing: bigint | number }[]>(
    sql`SELECT
          EXISTS (SELECT 1 FROM region_node_map LEFT JOIN region ON region.region = region_node_map.region
                  WHERE region_node_map.region = ${region} AND node_id = ${nodeId} AND enabled
                    AND COALESCE(region.panel_id, ${mainPanel}) = ${panelId}) AS offered,
          EXISTS (SELECT 1 FROM server WHERE order_id = ${order_id} AND unknown_until > UTC_TIMESTAMP(3)) AS landing`,
  )
  return { isOffered: Number(row?.offered) === 1, mayStillLand: Number(row?.landing) === 1 }
}

/** A server that has been on the panel for long, and is in what it last showed, needs no reservation, except its ports until it is installed. */
export async function removeOldReservations(db: Transaction): Promise<number> {
  const isOld = sql`on_panel_at < UTC_TIMESTAMP(3) - INTERVAL 300 SECOND
    AND order_id NOT IN (SELECT order_id FROM server WHERE status = 'provisioning')
    AND NOT EXISTS (SELECT 1 FROM panel_view WHERE panel_view.panel_id = allocation_claim.panel_id
                    AND shown_at <= on_panel_at AND part IN ('nodes', 'nodes-cpu', CONCAT('ports/', node_id)))`
  // Found without a lock and removed by order: concurrent reservations do not wait for those that stay.
  const old = await db.$queryRaw<{ order_id: string }[]>(
    sql`SELECT DISTINCT order_id FROM allocation_claim WHERE ${isOld} LIMIT 1000`,
  )
  if (old.length === 0) return 0
  const orders = join(old.map(({ order_id }) => order_id).toSorted())
  return await againAfterRaces(() =>
    db.$executeRaw(sql`DELETE FROM allocation_claim WHERE order_id IN (${orders}) AND ${isOld}`),
  )
}
