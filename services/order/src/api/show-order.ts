import { z } from '@hono/zod-openapi'
import { sql } from '@spawnpoint/database'
import { Problem } from '@spawnpoint/service-kit'
import type { Order } from '../rules/order/order.ts'
import { columns, fromRow, type Row as WholeRow } from '../store/order-row.ts'
import type { PrismaClient, Order as Row } from '../generated/client.ts'
import { moneySchema, showMoney } from './show-billing.ts'

/**
 * Money in integer minor units; times in ISO 8601 UTC; `address` is `host:port` for players. `desired` is what its server is to
 * become (none, running, suspended, terminated), `status` where it stands.
 */
export const orderSchema = z
  .object({
    id: z.string(),
    status: z.string(),
    billing_status: z.string(),
    desired: z.string(),
    plan: z.string(),
    region: z.string(),
    customer: z.object({ id: z.string().nullable(), email: z.string(), name: z.string() }),
    server_name: z.string(),
    amount: z.number().int(),
    currency: z.string(),
    ptero_server_id: z.number().int().nullable(),
    ptero_identifier: z.string().nullable(),
    address: z.string().nullable(),
    error_message: z.string().nullable(),
    checkout_url: z.string().nullable(),
    created_at: z.string(),
    updated_at: z.string(),
    money: moneySchema.optional(),
    history: z
      .array(
        z.object({
          at: z.string(),
          cause: z.string(),
          status: z.string(),
          billing_status: z.string(),
          note: z.string().nullable(),
        }),
      )
      .optional(),
  })
  .openapi('Order')

export async function readOrder(prisma: PrismaClient, id: string) {
  const row = await prisma.order.findUnique({ where: { id } })
  if (!row) throw orderNotFound(id)
  const order = await findOrder(prisma, id)
  const history = await prisma.orderHistory.findMany({ where: { orderId: id }, orderBy: { id: 'asc' } })
  return {
    ...shown(row),
    money: showMoney(order),
    history: history.map(({ at, cause, status, billingStatus, note }) => ({
      at: at.toISOString(),
      cause,
      status,
      billing_status: billingStatus,
      note,
    })),
  }
}

/** The order as it is decided upon. */
export async function findOrder(prisma: PrismaClient, id: string): Promise<Order> {
  const [row] = await prisma.$queryRaw<WholeRow[]>(sql`SELECT ${columns} FROM orders WHERE id = ${id}`)
  if (!row) throw orderNotFound(id)
  return fromRow(row)
}

export function orderNotFound(id: string): Problem {
  return new Problem(404, 'order_not_found', `There is no order ${id}.`)
}

export type OrderFilter = {
  [Field in 'status' | 'billing_status' | 'subscription_id']?: string | undefined
}

export async function listOrders(
  prisma: PrismaClient,
  { limit, starting_after, ...filter }: OrderFilter & { limit: number; starting_after?: string | undefined },
) {
  // First where the page is: for whole orders, MariaDB would read all that come before it.
  const found = await prisma.order.findMany({
    select: { seq: true },
    where: {
      ...whereOf(filter),
      ...(starting_after ? { seq: { lt: BigInt(starting_after) } } : {}),
    },
    orderBy: { seq: 'desc' },
    take: limit + 1,
  })
  const seqs = found.slice(0, limit).map(({ seq }) => seq)
  const page = await prisma.order.findMany({ where: { seq: { in: seqs } }, orderBy: { seq: 'desc' } })
  const has_more = found.length > limit
  return { data: page.map(shown), has_more, next_cursor: has_more ? String(seqs.at(-1)) : null }
}

function whereOf({ status, billing_status: billingStatus, subscription_id: subscriptionId }: OrderFilter) {
  return {
    ...(status ? { status } : {}),
    ...(billingStatus ? { billingStatus } : {}),
    ...(subscriptionId ? { subscriptionId } : {}),
  }
}

function shown(row: Row) {
  return {
    id: row.id,
    status: row.status,
    billing_status: row.billingStatus,
    desired: row.desired,
    plan: row.plan,
    region: row.region,
    customer: { id: row.customerId, email: row.customerEmail, name: row.customerName },
    server_name: row.serverName,
    amount: Number(row.amount),
    currency: row.currency,
    ptero_server_id: row.pteroServerId,
    ptero_identifier: row.pteroIdentifier,
    address: row.address,
    error_message: row.errorMessage,
    checkout_url: row.checkoutUrl,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  }
}
