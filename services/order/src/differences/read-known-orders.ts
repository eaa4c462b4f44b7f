import { join, sql, type Transaction } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import { orderState } from '../order.ts'
import { readOrderRows } from '../orders.ts'
import type { KnownOrder } from './find-differences.ts'

const atOnce = 50

/** Those there are. `busy`: it changed just now, and what others say of it may be of before. */
export async function readKnownOrders(
  db: Transaction,
  ids: string[],
  quietMs: number,
): Promise<Map<string, KnownOrder | 'busy'>> {
  const wanted = ids.filter((id) => /^[\x21-\x7e]{1,36}$/.test(id))
  if (wanted.length === 0) return new Map()
  const busy = await db.$queryRaw<{ id: string }[]>(
    sql`SELECT id FROM orders WHERE id IN (${join(wanted)}) AND updated_at > ${quietSince(quietMs)}`,
  )
  const known = new Map<string, KnownOrder | 'busy'>(await readOrders(db, wanted))
  for (const { id } of busy) known.set(id, 'busy')
  return known
}

/** In the order they began, a page at a time; `next` is the `after` of the page that follows. */
export async function readOrdersAfter(
  prisma: PrismaClient,
  after: bigint,
  quietMs: number,
): Promise<{ orders: KnownOrder[]; next: bigint | null }> {
  const rows = await prisma.$queryRaw<{ id: string; seq: bigint; quiet: bigint | number }[]>(
    sql`SELECT id, seq, updated_at <= ${quietSince(quietMs)} AS quiet FROM orders
        WHERE seq > ${after} ORDER BY seq LIMIT ${atOnce}`,
  )
  const quiet = rows.filter((row) => Number(row.quiet) === 1).map(({ id }) => id)
  const orders = quiet.length === 0 ? [] : [...(await readOrders(prisma, quiet)).values()]
  return { orders, next: rows.length === atOnce ? (rows.at(-1)?.seq ?? null) : null }
}

async function readOrders(db: Transaction, ids: string[]): Promise<Map<string, KnownOrder>> {
  const orders = await readOrderRows(db, ids)
  return new Map(
    orders.map((order) => [order.id, { ...orderState(order), server_version: order.server_version }]),
  )
}

function quietSince(quietMs: number) {
  return sql`UTC_TIMESTAMP(3) - INTERVAL ${Math.round(quietMs * 1_000)} MICROSECOND`
}
