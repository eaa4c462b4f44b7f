import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { billingStatuses, orderStatuses } from '@spawnpoint/contracts'
import { body, json, problem } from '@spawnpoint/service-kit'
import type { MiddlewareHandler } from 'hono'
import { type PlaceOrderContext, placeOrder } from '../checkout/place-order.ts'
import { correctOrder } from '../commands/run-admin-command.ts'
import type { PrismaClient } from '../generated/client.ts'
import { requirePlacedBy } from '../store/order-views.ts'
import { addCatalogueRoutes } from './catalogue-routes.ts'
import { addCommandRoutes } from './command-routes.ts'
import { correctionSchema, orderRequestSchema } from './order-request.ts'
import { listOrders, orderSchema, readOrder, readOrderAndQueue } from './show-order.ts'
import { addSubscriptionRoutes } from './subscription-routes.ts'

const problems = { 401: problem('No or a wrong API key'), 422: problem('The request does not fit') }

const routes = {
  placeOrder: createRoute({
    method: 'post',
    path: '/orders',
    request: {
      headers: z.object({
        'idempotency-key': z
          .string({ error: 'Send an Idempotency-Key of your own, such as a UUID, with each new order' })
          .regex(/^[\x21-\x7e]{1,191}$/, '1 to 191 visible ASCII characters'),
      }),
      body: body(orderRequestSchema),
    },
    responses: {
      201: json(z.object({ id: z.uuid(), checkout_url: z.url() }), 'The order and where its buyer pays'),
      409: problem(
        'There is no capacity for it now (`no_capacity`, `unpaid_capacity_reached`), its customer has too many unpaid orders (`too_many_open_orders`), it is already paid, or its plan has changed',
      ),
      503: problem('Capacity is unknown, or its checkout cannot be created now: retry the same request'),
      ...problems,
    },
  }),
  listOrders: createRoute({
    method: 'get',
    path: '/orders',
    request: {
      query: z.strictObject({
        limit: z.coerce.number().int().min(1).max(100).default(20),
        starting_after: z
          .string()
          .regex(/^\d{1,18}$/, 'the next_cursor of an earlier page')
          .optional(),
        status: z.enum(orderStatuses).optional(),
        billing_status: z.enum(billingStatuses).optional(),
        subscription_id: z
          .string()
          .regex(/^[\x21-\x7e]{1,191}$/)
          .optional(),
      }),
    },
    responses: {
      200: json(
        z.object({ data: z.array(orderSchema), has_more: z.boolean(), next_cursor: z.string().nullable() }),
        'Newest first',
      ),
      ...problems,
    },
  }),
  readOrder: createRoute({
    method: 'get',
    path: '/orders/{id}',
    request: { params: z.object({ id: z.uuid() }) },
    responses: { 200: json(orderSchema, 'The order'), 404: problem('No such order'), ...problems },
  }),
  decideOrder: createRoute({
    method: 'post',
    path: '/admin/orders/{id}/decide',
    description:
      "Decides a paid order in `error` again, with today's catalogue and what the body puts right. For one that failed at the panel, `POST /api/servers/provision` makes its server due.",
    request: { params: z.object({ id: z.uuid() }), body: body(correctionSchema) },
    responses: {
      200: json(orderSchema, 'It is paid and wants its server'),
      404: problem('No such order'),
      409: problem('It is not in error, or would still be held: `detail` says why, and nothing was changed'),
      ...problems,
    },
  }),
}

/** A key that may not read or operate in general sees the orders that it placed. */
function ownOrders(prisma: PrismaClient): MiddlewareHandler {
  return async (c, next) => {
    const id = c.req.param('id')
    const isGeneral = c.get('scopes').has(c.req.method === 'GET' ? 'read' : 'operate')
    if (id !== undefined && !isGeneral) await requirePlacedBy(prisma, id, c.get('apiKey'))
    await next()
  }
}

export function addRoutes(app: OpenAPIHono, context: PlaceOrderContext): void {
  const place = placeOrder(context)
  const { prisma } = context
  app.use('/orders/:id/*', ownOrders(prisma))
  app.openapi(routes.placeOrder, async (c) => {
    const key = { apiKey: c.get('apiKey'), idempotencyKey: c.req.valid('header')['idempotency-key'] }
    return c.json(await place(c.req.valid('json'), key), 201)
  })
  app.openapi(routes.listOrders, async (c) => {
    const placed_by = c.get('scopes').has('read') ? undefined : c.get('apiKey')
    return c.json(await listOrders(prisma, { ...c.req.valid('query'), placed_by }), 200)
  })
  app.openapi(routes.readOrder, async (c) =>
    c.json(await readOrderAndQueue(context, c.req.valid('param').id), 200),
  )
  app.openapi(routes.decideOrder, async (c) => {
    const { id } = c.req.valid('param')
    await correctOrder(context, { id, correction: c.req.valid('json'), by: c.get('apiKey') })
    return c.json(await readOrder(prisma, id), 200)
  })
  addCommandRoutes(app, context)
  addSubscriptionRoutes(app, context)
  addCatalogueRoutes(app, prisma)
}
