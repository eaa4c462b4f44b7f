import { join, sql, type Transaction } from '@spawnpoint/database'
import { Problem } from '@spawnpoint/service-kit'
import type { Order } from '../rules/order/order.ts'
import { columns, fromRow, type Row } from './order-row.ts'
import type { Tx } from './tx.ts'

/** The orders there are, locked in the order of their ids. */
export async function lockOrders(tx: Tx, wanted: string[]): Promise<Map<string, Order>> {
  const ids = wanted.filter(mayBeOrderId)
  if (ids.length === 0) return new Map()
  const rows = await tx.$queryRaw<Row[]>(
    sql`SELECT ${columns} FROM orders WHERE id IN (${join(ids)}) ORDER BY id FOR UPDATE`,
  )
  return new Map(rows.map((row) => [row.id, fromRow(row)]))
}

/** Anything may stand in a path or in the metadata of a seller's own checkout, and an ascii column compares with ascii alone. */
export function mayBeOrderId(id: string): boolean {
  return /^[\x21-\x7e]{1,36}$/.test(id)
}

/** The same, as they were committed last and without a lock. */
export async function readOrders(db: Tx, ids: string[]): Promise<Map<string, Order>> {
  const rows = await db.order.findMany({ where: { id: { in: ids } } })
  return new Map(rows.map((row) => [row.id, fromRow(row)]))
}

/** The order as it is decided upon. */
export async function findOrder(db: Tx, id: string): Promise<Order> {
  const row = await db.order.findUnique({ where: { id } })
  if (!row) throw orderNotFound(id)
  return fromRow(row)
}

export function orderNotFound(id: string): Problem {
  return new Problem(404, 'order_not_found', `There is no order ${id}.`)
}

/** By subscription, the order that is billed by it. */
export async function ordersBilledBy(db: Tx, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await db.order.findMany({
    where: { subscriptionId: { in: ids } },
    select: { id: true, subscriptionId: true },
  })
  return new Map(
    rows.flatMap(({ id, subscriptionId }) => (subscriptionId === null ? [] : [[subscriptionId, id]])),
  )
}

const pageSize = 50

/** In the order they began, a page at a time; `next` is the `after` of the page that follows. Those that changed since, or all. */
export async function readOrderIdsAfter(
  db: Tx,
  after: bigint,
  since: Date | null,
): Promise<{ ids: string[]; next: bigint | null }> {
  const rows = await (since === null ? pageAfter(db, after) : changedPageAfter(db, after, since))
  return { ids: rows.map(({ id }) => id), next: rows.length === pageSize ? (rows.at(-1)?.seq ?? null) : null }
}

type Place = { id: string; seq: bigint }

function pageAfter(db: Tx, after: bigint): PromiseLike<Place[]> {
  return db.order.findMany({
    where: { seq: { gt: after } },
    select: { id: true, seq: true },
    orderBy: { seq: 'asc' },
    take: pageSize,
  })
}

function changedPageAfter(db: Transaction, after: bigint, since: Date): PromiseLike<Place[]> {
  return db.$queryRaw<Place[]>(
    sql`SELECT id, seq FROM orders FORCE INDEX (orders_updated_at_idx)
        WHERE updated_at >= ${since} AND seq > ${after} ORDER BY seq LIMIT ${pageSize}`,
  )
}

/** Which of them changed within this time. */
export async function changedWithin(db: Transaction, ids: string[], ms: number): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>(
    sql`SELECT id FROM orders
        WHERE id IN (${join(ids)}) AND updated_at > UTC_TIMESTAMP(3) - INTERVAL ${Math.round(ms * 1_000)} MICROSECOND`,
  )
  return rows.map(({ id }) => id)
}
