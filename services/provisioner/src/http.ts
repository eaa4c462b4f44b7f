import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { Problem, problemSchema } from '@spawnpoint/service-kit'
import type { PrismaClient } from './generated/client.ts'
import { provisionNow } from './provision-now.ts'

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
})

const orderId = z.string().min(1).max(191)

const serverSchema = z
  .object({
    order_id: z.string(),
    desired: z.string(),
    status: z.string(),
    order_version: z.number(),
    version: z.number(),
    ptero_server_id: z.number().nullable(),
    ptero_identifier: z.string().nullable(),
    address: z.string().nullable(),
    node_id: z.number().nullable(),
    attempts: z.number(),
    next_attempt_at: z.string().nullable(),
    error_class: z.string().nullable(),
    error_message: z.string().nullable(),
  })
  .openapi('Server')

const provision = createRoute({
  method: 'post',
  path: '/api/servers/provision',
  description: 'Makes a paid order due now, also after it failed. Never makes a second server.',
  request: { body: { required: true, ...json(z.object({ order_id: orderId }), 'Which order') } },
  responses: {
    202: json(z.object({ order_id: z.string(), status: z.string() }), 'It is looked at now'),
    404: problem('Nothing was heard of this order'),
    409: problem('The order is not to have a running server'),
  },
})

const showServer = createRoute({
  method: 'get',
  path: '/servers/{order_id}',
  request: { params: z.object({ order_id: orderId }) },
  responses: { 200: json(serverSchema, 'The server of this order'), 404: problem('Nothing was heard of it') },
})

export function addServerRoutes(
  app: OpenAPIHono,
  { prisma, wakeReconciler }: { prisma: PrismaClient; wakeReconciler: () => void },
): void {
  app.openapi(provision, async (c) => {
    const { order_id } = c.req.valid('json')
    const status = await provisionNow(prisma, order_id)
    wakeReconciler()
    return c.json({ order_id, status }, 202)
  })

  app.openapi(showServer, async (c) => {
    const { order_id } = c.req.valid('param')
    const row = await prisma.server.findUnique({ where: { orderId: order_id } })
    if (!row)
      throw new Problem(404, 'order_unknown', `The provisioner has heard nothing of the order ${order_id}.`)
    return c.json(
      {
        order_id,
        desired: row.desired,
        status: row.status,
        order_version: row.orderVersion,
        version: row.version,
        ptero_server_id: row.pteroServerId,
        ptero_identifier: row.pteroIdentifier,
        address: row.address,
        node_id: row.nodeId,
        attempts: row.attempts,
        next_attempt_at: row.nextAttemptAt?.toISOString() ?? null,
        error_class: row.errorClass,
        error_message: row.errorMessage,
      },
      200,
    )
  })
}
