import { z } from '@hono/zod-openapi'
import { provisioningQueue } from '@spawnpoint/contracts'
import { Problem } from '@spawnpoint/service-kit'
import { queuedOrders } from '../capacity/queued-orders.ts'
import type { PrismaClient, Server as Row } from '../generated/client.ts'
import type { Panels } from '../panels/panels.ts'

/** `status` is the last one published; `error_class` and `error_message` say what blocks it, also while it is retried. */
export const serverSchema = z
  .object({
    order_id: z.string(),
    desired: z.string(),
    status: z.string(),
    order_version: z.number(),
    version: z.number(),
    ptero_server_id: z.number().nullable(),
    ptero_identifier: z.string().nullable(),
    address: z.string().nullable(),
    panel: z.string(),
    node_id: z.number().nullable(),
    attempts: z.number(),
    next_attempt_at: z.string().nullable(),
    error_class: z.string().nullable(),
    error_message: z.string().nullable(),
  })
  .openapi('Server')

/** `queue`: what a paid server that is not created yet waits for, and how many come before it. */
export const queuedServerSchema = serverSchema.extend({
  queue: provisioningQueue.reply.shape.orders.element.omit({ order_id: true }).nullable(),
})

export async function readServer(deps: { prisma: PrismaClient; panels: Panels }, orderId: string) {
  const row = await deps.prisma.server.findUnique({ where: { orderId } })
  if (!row) throw new Problem(404, 'order_unknown', `Order ${orderId} is unknown to the provisioner.`)
  const { orders } = await queuedOrders(deps)({ order_ids: [orderId] })
  const [queued] = orders.map(({ order_id: _, ...queue }) => queue)
  return { ...shown(row), queue: queued ?? null }
}

type ServerFilter = {
  limit: number
  starting_after?: string | undefined
  status?: string | undefined
  error_class?: string | undefined
}

/** By order id. `next_cursor` is null on the last page. */
export async function listServers(
  prisma: PrismaClient,
  { limit, starting_after, status, error_class }: ServerFilter,
) {
  const rows = await prisma.server.findMany({
    where: {
      ...(status ? { status } : {}),
      ...(error_class ? { errorClass: error_class } : {}),
      ...(starting_after ? { orderId: { gt: starting_after } } : {}),
    },
    orderBy: { orderId: 'asc' },
    take: limit + 1,
  })
  const page = rows.slice(0, limit)
  const has_more = rows.length > limit
  return { data: page.map(shown), has_more, next_cursor: has_more ? (page.at(-1)?.orderId ?? null) : null }
}

function shown(row: Row): z.output<typeof serverSchema> {
  return {
    order_id: row.orderId,
    desired: row.desired,
    status: row.status,
    order_version: row.orderVersion,
    version: row.version,
    ptero_server_id: row.pteroServerId,
    ptero_identifier: row.pteroIdentifier,
    address: row.address,
    panel: row.panelId,
    node_id: row.nodeId,
    attempts: row.attempts,
    next_attempt_at: row.nextAttemptAt?.toISOString() ?? null,
    error_class: row.errorClass,
    error_message: row.errorMessage,
  }
}
