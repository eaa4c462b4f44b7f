import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { body, json, problem } from '@spawnpoint/service-kit'
import type { PlaceOrderContext } from '../placing/place-order.ts'
import { orderSchema, readOrder } from '../read-orders.ts'
import { cancelSubscription, keepSubscription } from './cancel-subscription.ts'
import { changePlan } from './change-plan.ts'

const when = z.enum(['now', 'period_end'])
const params = z.object({ id: z.uuid() })
const responses = {
  200: json(orderSchema, 'As it is now; asked again, nothing changes'),
  401: problem('No or a wrong API key'),
  404: problem('No such order'),
  409: problem('It cannot be: `detail` says why and what to do, and nothing was changed or charged'),
  422: problem('The request does not fit'),
  503: problem('Nobody can say just now: send the same request again'),
}

const plan = createRoute({
  method: 'post',
  path: '/orders/{id}/plan',
  description:
    'Another plan for an order that a subscription pays for. `now`: the difference is invoiced at once, and its server changes once that is paid. `period_end`: both change with the next paid period. Refused before any money moves where its node has no room.',
  request: {
    params,
    body: body(z.strictObject({ plan: z.string().min(1).max(64), when: when.default('now') })),
  },
  responses,
})
const cancel = createRoute({
  method: 'post',
  path: '/orders/{id}/cancel',
  description:
    'Ends its subscription when the paid period is over, or now. Its server then stands still, and is deleted after the retention of its plan. What is paid once can only end now, and its server goes at once. An order that is not paid is cancelled whatever `when` says: its checkout is closed and its place given back.',
  request: { params, body: body(z.strictObject({ when: when.default('period_end') })) },
  responses,
})
const keep = createRoute({
  method: 'delete',
  path: '/orders/{id}/cancel',
  description: 'Takes back a cancellation at the end of the period.',
  request: { params },
  responses,
})

/** What a customer does with a subscription, through the shop. */
export function addSubscriptionRoutes(app: OpenAPIHono, context: PlaceOrderContext): void {
  const { prisma } = context
  app.openapi(plan, async (c) => {
    const { id } = c.req.valid('param')
    await changePlan(context, { id, by: c.get('apiKey') }, c.req.valid('json'))
    return c.json(await readOrder(prisma, id), 200)
  })
  app.openapi(cancel, async (c) => {
    const { id } = c.req.valid('param')
    await cancelSubscription(context, { id, by: c.get('apiKey') }, c.req.valid('json').when)
    return c.json(await readOrder(prisma, id), 200)
  })
  app.openapi(keep, async (c) => {
    const { id } = c.req.valid('param')
    await keepSubscription(context, { id, by: c.get('apiKey') })
    return c.json(await readOrder(prisma, id), 200)
  })
}
