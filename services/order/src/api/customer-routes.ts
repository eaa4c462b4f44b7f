import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { subjectSchema } from '@spawnpoint/operations'
import { body, json, Problem, problem } from '@spawnpoint/service-kit'
import type { CommandContext } from '../commands/change-order.ts'
import { findSubject } from '../customers/customer-records.ts'

const find = createRoute({
  method: 'post',
  path: '/admin/customers/find',
  summary: 'Whose data is meant: the orders, payments and subscriptions of a customer',
  description:
    'By e-mail address, or by the shop’s own id of the customer. What it answers is what the other routes of customers take, at each service. A POST, so that no address gets into a log of paths.',
  request: { body: body(z.strictObject({ customer: z.string().min(1).max(191) }), 'Which customer') },
  responses: {
    200: json(subjectSchema, 'Whose data it is'),
    404: problem('No order has this customer'),
    422: problem('The request does not fit'),
  },
})

export function addFindCustomerRoute(app: OpenAPIHono, context: CommandContext): void {
  app.openapi(find, async (c) => {
    const subject = await findSubject(context, c.req.valid('json').customer)
    if (subject.order_ids.length === 0)
      throw new Problem(
        404,
        'customer_unknown',
        'No order has a customer with this e-mail address or id: they never ordered, are forgotten, or ordered under another.',
      )
    return c.json(subject, 200)
  })
}
