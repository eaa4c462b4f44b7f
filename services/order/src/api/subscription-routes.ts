import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { body, json, problem } from '@spawnpoint/service-kit'
import { cancelSubscription, keepSubscription } from '../subscriptions/cancel-subscription.ts'
import { changePlan } from '../subscriptions/change-plan.ts'
import { renewOrder } from '../subscriptions/renew-order.ts'
import { setSubscription } from '../subscriptions/set-subscription.ts'
import type { SubscriptionContext } from '../subscriptions/write-order.ts'
import { orderSchema, readOrder, warnedOrderSchema } from './show-order.ts'

const when = z.enum(['now', 'period_end'])
const params = z.object({ id: z.uuid() })
const responses = {
  200: json(orderSchema, 'The order as it is now; a repeat changes nothing'),
  401: problem('No or a wrong API key'),
  404: problem('No such order'),
  409: problem('Not possible: `detail` says why and what to do, and nothing was changed or charged'),
  422: problem('The request does not fit'),
  503: problem('Stripe or the provisioner does not answer: retry the same request'),
}

const plan = createRoute({
  method: 'post',
  path: '/orders/{id}/plan',
  description:
    'Another plan for an order that a subscription pays for. `now`: the difference is invoiced at once, and its server changes once that is paid. `period_end`: both change with the next paid period. Refused before any money moves where its node has no room. A plan of another egg reinstalls the server, and its files may be lost: refused (`reinstall_needed`) until the request says `reinstall`. `preview` changes nothing and answers the same, with what may go wrong (`warnings`), such as a smaller disk.',
  request: {
    params,
    body: body(
      z.strictObject({
        plan: z.string().min(1).max(64),
        when: when.default('now'),
        reinstall: z.boolean().default(false),
        preview: z.boolean().default(false),
      }),
    ),
  },
  responses: {
    ...responses,
    200: json(warnedOrderSchema, 'The order as it is now; a repeat changes nothing'),
  },
})
const cancel = createRoute({
  method: 'post',
  path: '/orders/{id}/cancel',
  description:
    'Ends its subscription when the paid period is over, or now. Its server is then suspended, and deleted after the retention of its plan. What is paid once can only end now, and its server goes at once. An order that is not paid is cancelled whatever `when` says: its checkout is closed and its reservation released.',
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

const renew = createRoute({
  method: 'post',
  path: '/orders/{id}/renew',
  description:
    'For a customer who comes back after the subscription has ended, or is unknown at Stripe, and before the server is deleted: a page to subscribe to the plan again, for the same order and the same server. Asked again, the same page for as long as it is open.',
  request: { params, body: body(z.strictObject({})) },
  responses: {
    ...responses,
    200: json(z.object({ id: z.uuid(), checkout_url: z.url() }), 'Where its buyer pays'),
  },
})

const set = createRoute({
  method: 'post',
  path: '/admin/orders/{id}/set-subscription',
  description:
    'Which subscription pays for an order from now on, once its own has ended or is unknown at Stripe. It may be one without metadata of ours: `order_id` is written into it at Stripe. The reason stands in the history of the order.',
  request: {
    params,
    body: body(
      z.strictObject({
        subscription_id: z.string().regex(/^sub_[A-Za-z0-9_]{1,187}$/, 'an id of a subscription at Stripe'),
        reason: z.string().trim().min(1).max(500),
      }),
    ),
  },
  responses,
})

/** What a customer does with a subscription, through the shop. */
export function addSubscriptionRoutes(app: OpenAPIHono, context: SubscriptionContext): void {
  const { prisma } = context
  app.openapi(plan, async (c) => {
    const { id } = c.req.valid('param')
    const { preview, ...request } = c.req.valid('json')
    const warnings = await changePlan(context, { id, by: c.get('apiKey') }, request, { isPreview: preview })
    return c.json({ ...(await readOrder(prisma, id)), warnings }, 200)
  })
  app.openapi(cancel, async (c) => {
    const { id } = c.req.valid('param')
    await cancelSubscription(context, { id, by: c.get('apiKey') }, c.req.valid('json').when)
    return c.json(await readOrder(prisma, id), 200)
  })
  app.openapi(renew, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await renewOrder(context, { id, by: c.get('apiKey') }), 200)
  })
  app.openapi(set, async (c) => {
    const { id } = c.req.valid('param')
    await setSubscription(context, { id, by: c.get('apiKey'), ...c.req.valid('json') })
    return c.json(await readOrder(prisma, id), 200)
  })
  app.openapi(keep, async (c) => {
    const { id } = c.req.valid('param')
    await keepSubscription(context, { id, by: c.get('apiKey') })
    return c.json(await readOrder(prisma, id), 200)
  })
}
