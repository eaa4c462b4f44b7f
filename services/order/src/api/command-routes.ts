import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { body, json, problem } from '@spawnpoint/service-kit'
import type { Context } from 'hono'
import type { CommandContext } from '../commands/change-order.ts'
import { changePlanByHand } from '../commands/change-plan-by-hand.ts'
import { changeRegionByHand } from '../commands/change-region-by-hand.ts'
import { runAdminCommand } from '../commands/run-admin-command.ts'
import type { ProvisionerContext } from '../peers/provisioner.ts'
import type { AdminCommand } from '../rules/decisions/admin-command.ts'
import { customerSchema, nameSchema } from './order-request.ts'
import { readOrder, warnedOrderSchema } from './show-order.ts'

const suspend = route('suspend', 'Its server is suspended until it is resumed.', {})
const resume = route('resume', 'Its suspended server runs again.', {})
const terminate = route(
  'terminate',
  'Its server is deleted with everything on it, and never comes back. Of an order that never had a server, `subscription` says whether its subscription is cancelled at Stripe.',
  { subscription: z.enum(['keep', 'cancel']).optional() },
)
const changePlan = route(
  'change-plan',
  'Its server gets the limits, ports and settings of another plan, where its node has room. `reinstall` agrees that a plan of another egg reinstalls it, which may cost its files.',
  { plan: z.string().min(1).max(64), reinstall: z.boolean().default(false) },
)
const changeRegion = route(
  'change-region',
  'The order follows its server to a region, to a node of which it was transferred on the panel, whose API transfers none. An order without a server is placed there.',
  { region: z.string().min(1).max(64) },
)
const rename = route('rename', 'Its server gets another name.', { server_name: nameSchema })
const changeOwner = route('change-owner', 'Its server becomes that of another customer.', {
  customer: customerSchema,
})

/** What an operator does with an order after the sale. */
export function addCommandRoutes(app: OpenAPIHono, context: CommandContext & ProvisionerContext): void {
  const run = async (c: Context, id: string, { reason, ...command }: AdminCommand & { reason: string }) => {
    await runAdminCommand(context, { id, command, reason, by: c.get('apiKey') })
    return c.json(await readOrder(context.prisma, id), 200)
  }
  app.openapi(suspend, (c) => run(c, c.req.valid('param').id, { do: 'suspend', ...c.req.valid('json') }))
  app.openapi(resume, (c) => run(c, c.req.valid('param').id, { do: 'resume', ...c.req.valid('json') }))
  app.openapi(terminate, (c) => run(c, c.req.valid('param').id, { do: 'terminate', ...c.req.valid('json') }))
  app.openapi(changePlan, async (c) => {
    const { id } = c.req.valid('param')
    const warnings = await changePlanByHand(context, { id, by: c.get('apiKey'), ...c.req.valid('json') })
    return c.json({ ...(await readOrder(context.prisma, id)), warnings }, 200)
  })
  app.openapi(changeRegion, async (c) => {
    const { id } = c.req.valid('param')
    await changeRegionByHand(context, { id, by: c.get('apiKey'), ...c.req.valid('json') })
    return c.json(await readOrder(context.prisma, id), 200)
  })
  app.openapi(rename, (c) => run(c, c.req.valid('param').id, { do: 'rename', ...c.req.valid('json') }))
  app.openapi(changeOwner, (c) =>
    run(c, c.req.valid('param').id, { do: 'change-owner', ...c.req.valid('json') }),
  )
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
      200: json(warnedOrderSchema, 'The order as it is now; `desired` says what its server is to become'),
      401: problem('No or a wrong API key'),
      404: problem('No such order'),
      409: problem('Not possible: `detail` says why, and nothing was changed'),
      422: problem('The request does not fit'),
      ...(what === 'change-plan' || what === 'change-region'
        ? { 503: problem('How its server is, is unknown now: retry the same request') }
        : {}),
    },
  })
}
