import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { serverStatuses } from '@spawnpoint/contracts'
import { body, json, Problem, problem } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import type { Panels } from '../panels/panels.ts'
import { keyOf } from '../rules/customer-key.ts'
import { orderOf, type Server } from '../rules/server.ts'
import { savePanelUser } from '../store/panel-users.ts'
import { findServer, giveUpMissing, makeServersDue } from '../store/servers.ts'
import { listServers, queuedServerSchema, readServer, serverSchema } from './read-servers.ts'

const orderId = z.string().regex(/^[\x21-\x7e]{1,191}$/, '1 to 191 visible ASCII characters')

const provision = createRoute({
  method: 'post',
  path: '/api/servers/provision',
  description:
    'Makes a paid order due now, also after it failed. Never makes a second server. `panel_user_id` says that this user of the panel is the customer, where the order was held because it may be somebody else.',
  request: {
    body: body(
      z.strictObject({
        order_id: orderId,
        panel_user_id: z.number().int().positive().max(2_147_483_647).optional(),
      }),
      'Which order',
    ),
  },
  responses: {
    202: json(z.object({ order_id: z.string(), status: z.string() }), 'It is due now'),
    404: problem('The order is unknown'),
    409: problem('The order is not to have a running server'),
  },
})

const showServer = createRoute({
  method: 'get',
  path: '/servers/{order_id}',
  request: { params: z.object({ order_id: orderId }) },
  responses: {
    200: json(queuedServerSchema, 'The server of this order'),
    404: problem('The order is unknown'),
  },
})

const serverList = createRoute({
  method: 'get',
  path: '/servers',
  description:
    'By order id. `?error_class=panel_auth` are those that wait for a key, `?status=failed` those that wait for a person.',
  request: {
    query: z.object({
      limit: z.coerce.number().int().min(1).max(100).default(20),
      starting_after: orderId.optional(),
      status: z.enum(['none', ...serverStatuses]).optional(),
      error_class: z.string().min(1).max(64).optional(),
    }),
  },
  responses: {
    200: json(
      z.object({ data: z.array(serverSchema), has_more: z.boolean(), next_cursor: z.string().nullable() }),
      'One page',
    ),
  },
})

export function addServerRoutes(
  app: OpenAPIHono,
  { wakeReconciler, ...deps }: { prisma: PrismaClient; panels: Panels; wakeReconciler: () => void },
): void {
  const { prisma } = deps
  app.openapi(provision, async (c) => {
    const { order_id, panel_user_id } = c.req.valid('json')
    const status = await provisionNow(prisma, order_id, panel_user_id)
    wakeReconciler()
    return c.json({ order_id, status }, 202)
  })
  app.openapi(showServer, async (c) => c.json(await readServer(deps, c.req.valid('param').order_id), 200))
  app.openapi(serverList, async (c) => c.json(await listServers(prisma, c.req.valid('query')), 200))
}

/** Due now, with attempts reset; returns its current status. An existing server is only observed. */
async function provisionNow(
  prisma: PrismaClient,
  orderId: string,
  pteroUserId: number | undefined,
): Promise<string> {
  const server = await findServer(prisma, orderId)
  if (!server)
    throw new Problem(
      404,
      'order_unknown',
      `Order ${orderId} is unknown. If it exists, replay its events (order.>) to this service, then retry.`,
    )
  refuseUnwanted(server)
  const { customer } = orderOf(server)
  if (pteroUserId !== undefined)
    await savePanelUser(prisma, {
      customerKey: keyOf(customer),
      panelId: server.panel_id,
      pteroUserId,
      uuid: '',
      email: customer.email,
    })
  await giveUpMissing(prisma, [orderId])
  await makeServersDue(prisma, [orderId], 'running')
  return server.status
}

function refuseUnwanted(server: Server): void {
  if (server.desired === 'running') return
  const { status, billing_status } = orderOf(server)
  if (billing_status === 'unpaid' && server.desired === 'none' && status === 'pending')
    throw new Problem(
      409,
      'order_unpaid',
      `Order ${server.order_id} is not paid yet: it gets its server when it is.`,
    )
  throw new Problem(
    409,
    'order_not_running',
    `Order ${server.order_id} is ${status} and ${billing_status}: it is not to have a running server.`,
  )
}
