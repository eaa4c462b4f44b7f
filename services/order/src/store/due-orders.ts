import { againAfterRaces } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import type { Order } from '../rules/order/order.ts'
import { fromRow } from './order-row.ts'
import type { Tx } from './tx.ts'

/** Orders whose billing is due to be evaluated, those that wait longest first. */
export async function dueOrders(prisma: PrismaClient, now: Date, atOnce: number): Promise<Order[]> {
  const rows = await prisma.order.findMany({
    where: { moneyDueAt: { lte: now } },
    orderBy: { moneyDueAt: 'asc' },
    take: atOnce,
  })
  return rows.map(fromRow)
}

/** Saves without an event: when the order was looked up, and when it is due again. */
export async function saveUnpublished(tx: Tx, { id, money, money_due_at }: Order): Promise<void> {
  const moneyDueAt = money_due_at === null ? null : new Date(money_due_at)
  await tx.order.updateMany({ where: { id }, data: { money: JSON.stringify(money), moneyDueAt } })
}

/** Not before then, unless an event arrives. */
export async function postpone(
  prisma: PrismaClient,
  { id }: Pick<Order, 'id'>,
  { now, until }: { now: Date; until: Date },
): Promise<void> {
  await againAfterRaces(() =>
    prisma.order.updateMany({ where: { id, moneyDueAt: { lte: now } }, data: { moneyDueAt: until } }),
  )
}
