import type { OrderState } from '@spawnpoint/contracts'
import { join, type Sql, sql, type Transaction } from '@spawnpoint/database'
import { leaveLine } from './provisioning-queue.ts'

/** A bank may take this long to say whether it pays. */
const pendingDays = 15

/** What becomes of reserved places with the newest state of their orders: a paid one keeps its place, one that is over gives it back. */
export async function followReservations(tx: Transaction, orders: OrderState[]): Promise<void> {
  const wanted = orders.filter(({ desired }) => desired === 'running')
  const unwanted = orders.filter(({ desired }) => desired !== 'running')
  await keep(tx, idsOf(wanted), sql`NULL`)
  const pending = unwanted.filter(({ status, payment_id }) => status === 'pending' && payment_id !== null)
  await keep(tx, idsOf(pending), sql`UTC_TIMESTAMP(3) + INTERVAL ${pendingDays} DAY`)
  for (const { order_id, version } of unwanted.filter(isOver)) await release(tx, order_id, version)
  await leaveLine(tx, idsOf(unwanted))
}

/** Until then, unless it is held for longer. False where nothing is reserved. */
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

/** Gives back what nobody paid for in time. */
export async function endReservations(db: Transaction): Promise<void> {
  await db.$executeRaw(sql`DELETE FROM allocation_claim WHERE reserved_until < UTC_TIMESTAMP(3)`)
}

async function keep(tx: Transaction, orderIds: string[], until: Sql): Promise<void> {
  if (orderIds.length === 0) return
  await tx.$executeRaw(
    sql`UPDATE allocation_claim SET reserved_until = ${until}
        WHERE order_id IN (${join(orderIds)}) AND reserved_until IS NOT NULL`,
  )
}

function isOver({ status, desired }: OrderState): boolean {
  return status === 'cancelled' || desired === 'terminated'
}

// Whoever asks for a new page after a cancelled one reserves anew, and the news of the first page's end may come later.
async function release(tx: Transaction, orderId: string, version: number): Promise<void> {
  await tx.$executeRaw(
    sql`DELETE FROM allocation_claim
        WHERE order_id = ${orderId} AND reserved_until IS NOT NULL AND order_version < ${version}`,
  )
}

function idsOf(orders: OrderState[]): string[] {
  return orders.map(({ order_id }) => order_id)
}
