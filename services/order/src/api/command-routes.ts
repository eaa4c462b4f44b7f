import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { body, json, problem } from '@spawnpoint/service-kit'
import type { CommandContext } from '../commands/change-order.ts'
import { type AdminCommandRequest, runAdminCommand } from '../commands/run-admin-command.ts'
import { customerSchema, nameSchema } from './order-request.ts'
import { orderSchema, readOrder } from './show-order.ts'

const suspend = route('suspend', 'Its server is suspended until it is resumed.', {})
const resume = route('resume', 'Its suspended server runs again.', {})
const terminate = route(
  'terminate',
  'Its server is deleted with everything on it, and never comes back. Of an order that never had a server, `subscription` says whether its subscription is cancelled at Stripe.',
  { subscription: z.enum(['keep', 'cancel']).optional() },
)
const changePlan = route(
  'change-plan',
  'Its server gets the limits of another plan, where its node has room.',
  {
    plan: z.string().min(1).max(64),
  },
)
const rename = route('rename', 'Its server gets another name.', { server_name: nameSchema })
const changeOwner = route('change-owner', 'Its server becomes that of another customer.', {
  customer: customerSchema,
})

/** What an operator does with an order after the sale. */
export function addCommandRoutes(app: OpenAPIHono, context: CommandContext): void {
  const run = async (request: AdminCommandRequest) => {
    await runAdminCommand(context, request)
    return await readOrder(context.prisma, request.id)
  }
  for (const [what, itsRoute] of [
    ['suspend', suspend],
    ['resume', resume],
  ] as const)
    app.openapi(itsRoute, async (c) => {
      const { reason } = c.req.valid('json')
      const command = { do: what }
      return c.json(await run({ ...c.req.valid('param'), command, reason, by: c.get('apiKey') }), 200)
    })
  app.openapi(terminate, async (c) => {
    const { reason, subscription } = c.req.valid('json')
    const command = { do: 'terminate', subscription } as const
    return c.json(await run({ ...c.req.valid('param'), command, reason, by: c.get('apiKey') }), 200)
  })
  app.openapi(changePlan, async (c) => {
    const { reason, plan } = c.req.valid('json')
    const command = { do: 'change-plan', plan } as const
    return c.json(await run({ ...c.req.valid('param'), command, reason, by: c.get('apiKey') }), 200)
  })
  app.openapi(rename, async (c) => {
    const { reason, server_name } = c.req.valid('json')
    const command = { do: 'rename', server_name } as const
    return c.json(await run({ ...c.req.valid('param'), command, reason, by: c.get('apiKey') }), 200)
  })
  app.openapi(changeOwner, async (c) => {
    const { reason, customer } = c.req.valid('json')
    const command = { do: 'change-owner', customer } as const
    return c.json(await run({ ...c.req.valid('param'), command, reason, by: c.get('apiKey') }), 200)
  })
}

// The reason is kept in the order's history; a repeat changes nothing.
function route<What extends string, Shape extends z.core.$ZodLooseShape>(
  what: What,
  description: string,
  shape: Shape,
) {
  const reason = z.string().trim().min(1).max(500)
  return createRoute({
    method: 'post',
    path: `/admin/orders/{id}/${what}` as const,
    description,
    request: { params: z.object({ id: z.uuid() }), body: body(z.strictObject({ ...shape, reason })) },
    responses: {
      200: json(orderSchema, 'The order as it is now; `desired` says what its server is to become'),
      401: problem('No or a wrong API key'),
      404: problem('No such order'),
      409: problem('Not possible: `detail` says why, and nothing was changed'),
      422: problem('The request does not fit'),
    },
  })
}
