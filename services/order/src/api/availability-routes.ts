import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { json, problem } from '@spawnpoint/service-kit'
import { availabilitySchema, showAvailability } from '../checkout/availability.ts'
import type { PlaceOrderContext } from '../checkout/place-order.ts'

const id = z.string().min(1).max(64)

const route = createRoute({
  method: 'get',
  path: '/availability',
  description:
    'Whether one more server of a plan can be placed in a region now, and how many; all of them when left out.',
  request: { query: z.strictObject({ plan: id.optional(), region: id.optional() }) },
  responses: {
    200: json(availabilitySchema, 'As it is now, or was a few seconds ago'),
    401: problem('No or a wrong API key'),
    422: problem('No such plan or region'),
    503: problem('Capacity is currently unknown'),
  },
})

export function addAvailabilityRoute(
  app: OpenAPIHono,
  context: PlaceOrderContext & { cacheMs: number },
): void {
  const show = showAvailability(context)
  app.openapi(route, async (c) => c.json(await show(c.req.valid('query')), 200))
}
