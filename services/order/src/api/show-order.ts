import { z } from '@hono/zod-openapi'
import { provisioningQueue } from '@spawnpoint/contracts'
import type { Nats } from '@spawnpoint/messaging'
import type { PrismaClient, Order as Row } from '../generated/client.ts'
import { readQueue } from '../peers/read-queue.ts'
import { readHistory, readOrderPage, readOrderRow } from '../store/order-views.ts'
import { findOrder } from '../store/orders.ts'
import { billingSchema, showBilling } from './show-billing.ts'

const queueSchema = provisioningQueue.reply.shape.orders.element.omit({ order_id: true })

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
    money: billingSchema.optional(),
    /** Of a paid order whose server is not created yet; null while nobody can say. */
    queue: queueSchema.nullable().optional(),
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

/** `warnings`: what may go wrong with another plan although its server fits it. */
export const warnedOrderSchema = orderSchema
  .extend({ warnings: z.array(z.string()).optional() })
  .openapi('WarnedOrder')

/** The order with its place in the queue. */
export async function readOrderAndQueue(context: { prisma: PrismaClient; nats: Nats }, id: string) {
  const order = await readOrder(context.prisma, id)
  const mayBeQueued = order.desired === 'running' && order.ptero_server_id === null
  return mayBeQueued ? { ...order, queue: await readQueue(context, id) } : order
}

export async function readOrder(prisma: PrismaClient, id: string) {
  const row = await readOrderRow(prisma, id)
  const order = await findOrder(prisma, id)
  const history = await readHistory(prisma, id)
  return {
    ...shown(row),
    money: showBilling(order),
    history: history.map(({ at, cause, status, billingStatus, note }) => ({
      at: at.toISOString(),
      cause,
      status,
      billing_status: billingStatus,
      note,
    })),
  }
}

export async function listOrders(prisma: PrismaClient, filter: Parameters<typeof readOrderPage>[1]) {
  const { page, next } = await readOrderPage(prisma, filter)
  return { data: page.map(shown), has_more: next !== null, next_cursor: next }
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
