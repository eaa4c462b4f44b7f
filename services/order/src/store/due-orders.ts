import { inTransaction, sql, type Transaction } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import type { Order } from '../rules/order/order.ts'
import { columns, fromRow, type Row } from './order-row.ts'
import type { Tx } from './tx.ts'

/** Orders whose billing is due to be evaluated, those that wait longest first. */
export async function dueOrders(prisma: PrismaClient, now: Date, atOnce: number): Promise<Order[]> {
  const rows = await prisma.$queryRaw<Row[]>(
    sql`SELECT ${columns} FROM orders WHERE money_due_at <= ${now} ORDER BY money_due_at LIMIT ${atOnce}`,
  )
  return rows.map(fromRow)
}

/** Saves without an event: when the order was looked up, and when it is due again. */
export async function saveUnpublished(tx: Transaction, { id, money, money_due_at }: Order): Promise<void> {
  const due = money_due_at === null ? null : new Date(money_due_at)
  await tx.$executeRaw(
    sql`UPDATE orders SET money = ${JSON.stringify(money)}, money_due_at = ${due} WHERE id = ${id}`,
  )
}

/** Not before then, unless an event arrives. */
export async function postpone(
  prisma: PrismaClient,
  { id }: Pick<Order, 'id'>,
  { now, until }: { now: Date; until: Date },
): Promise<void> {
  await inTransaction(prisma, (tx: Tx) =>
    tx.$executeRaw(
      sql`UPDATE orders SET money_due_at = ${until} WHERE id = ${id} AND money_due_at <= ${now}`,
    ),
  )
}
