import { type OrderState, orderSchema } from '@spawnpoint/contracts'
import { join, type Sql, sql, type Transaction } from '@spawnpoint/database'
import { mainPanel } from '../panel-types/main-panel.ts'
import type { Tx } from './tx.ts'

/** One queued server. */
export type QueuedServer = {
  order: OrderState
  /** The last published reason for waiting. */
  errorClass: string | null
  isOverdue: boolean
  /** A placement is reserved for it already. */
  hasReservation: boolean
}

/** The queued servers of a region, first come first. */
export async function readQueue(
  db: Transaction,
  region: string,
  deadlineMs: number,
): Promise<QueuedServer[]> {
  const rows = await db.$queryRaw<Row[]>(
    sql`SELECT server.order_state, server.error_class, waiting.since < ${before(deadlineMs)} AS is_overdue,
          EXISTS (SELECT 1 FROM allocation_claim WHERE allocation_claim.order_id = waiting.order_id) AS has_reservation
        FROM waiting JOIN server ON server.order_id = waiting.order_id
        WHERE waiting.region = ${region} AND server.desired = 'running' AND server.ptero_server_id IS NULL
        ORDER BY waiting.seq`,
  )
  return rows.map((row) => ({
    order: orderSchema.parse(JSON.parse(row.order_state)),
    errorClass: row.error_class,
    isOverdue: Number(row.is_overdue) === 1,
    hasReservation: Number(row.has_reservation) === 1,
  }))
}

type Truth = bigint | number
type Row = { order_state: string; error_class: string | null; is_overdue: Truth; has_reservation: Truth }

/** The regions of a panel that have queued servers. */
export async function regionsWithQueue(db: Transaction, panelId: string): Promise<string[]> {
  const rows = await db.$queryRaw<{ region: string }[]>(
    sql`SELECT DISTINCT waiting.region FROM waiting LEFT JOIN region ON region.region = waiting.region
        WHERE COALESCE(region.panel_id, ${mainPanel}) = ${panelId} ORDER BY waiting.region`,
  )
  return rows.map(({ region }) => region)
}

/** At the end of its region's queue, unless it is already in it. True when it has been there for too long. */
export async function enqueue(
  db: Tx,
  { orderId, region, deadlineMs }: { orderId: string; region: string; deadlineMs: number },
): Promise<boolean> {
  // An order that changed its region starts again.
  await db.waiting.deleteMany({ where: { orderId, region: { not: region } } })
  await db.$executeRaw(
    sql`INSERT INTO waiting (order_id, region, since) VALUES (${orderId}, ${region}, UTC_TIMESTAMP(3))
        ON DUPLICATE KEY UPDATE region = waiting.region`,
  )
  const [row] = await db.$queryRaw<{ is_overdue: Truth }[]>(
    sql`SELECT since < ${before(deadlineMs)} AS is_overdue FROM waiting WHERE order_id = ${orderId}`,
  )
  return Number(row?.is_overdue ?? 0) === 1
}

export async function dequeue(db: Tx, orderIds: string[]): Promise<void> {
  if (orderIds.length === 0) return
  await db.waiting.deleteMany({ where: { orderId: { in: orderIds } } })
}

/** Removes orders whose server is on the panel, or that no longer want one. */
export async function removeSettled(db: Transaction): Promise<void> {
  await db.$executeRaw(
    sql`DELETE FROM waiting WHERE order_id IN
          (SELECT order_id FROM server WHERE ptero_server_id IS NOT NULL OR desired <> 'running')`,
  )
}

/** Parked servers become due, for their placement or a new reason: on the panel of the region now, if no create was sent. */
export async function makeQueuedDue(db: Transaction, panelId: string, orderIds: string[]): Promise<void> {
  if (orderIds.length === 0) return
  await db.$executeRaw(
    sql`UPDATE server SET next_attempt_at = UTC_TIMESTAMP(3),
          panel_id = IF(generation = 0 AND lease_token IS NULL, ${panelId}, panel_id)
        WHERE order_id IN (${join(orderIds)}) AND desired = 'running' AND status = 'waiting'
          AND next_attempt_at IS NULL`,
  )
}

function before(ms: number): Sql {
  return sql`UTC_TIMESTAMP(3) - INTERVAL ${Math.round(ms) * 1_000} MICROSECOND`
}
