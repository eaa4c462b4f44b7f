import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { json, Problem, problem } from '@spawnpoint/service-kit'
import { listStripeEvents, retryStripeEvent, stripeEventOutcomes } from '../store/stripe-events.ts'
import type { Tx } from '../store/tx.ts'

const time = z.iso.datetime()
// What ids and types in the journal consist of.
const visible = z.string().regex(/^[\x21-\x7e]{1,191}$/, '1 to 191 visible ASCII characters')
const stripeEventSchema = z
  .object({
    seq: z.number().int(),
    event_id: z.string(),
    account: z.string().nullable(),
    type: z.string(),
    api_version: z.string().nullable(),
    livemode: z.boolean(),
    created: time,
    received_at: time,
    source: z.string(),
    deliveries: z.number().int(),
    processed_at: time.nullable(),
    attempts: z.number().int(),
    next_attempt_at: time.nullable(),
    outcome: z.string(),
    reason: z.string().nullable(),
    error: z.string().nullable(),
    /** The id that would link it to this shop, or `look:…` while a Stripe lookup is pending. */
    waiting_for: z.string().nullable(),
  })
  .openapi('StripeEvent')

const listRoute = createRoute({
  method: 'get',
  path: '/admin/stripe-events',
  summary: 'Received Stripe events and their results, newest first',
  request: {
    query: z.object({
      before: z.coerce.number().int().positive().optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
      outcome: z.enum(stripeEventOutcomes).optional(),
      type: visible.optional(),
    }),
  },
  responses: {
    200: json(
      z.object({ events: z.array(stripeEventSchema), next_before: z.number().int().nullable() }),
      '`next_before` is the `before` of the next page; null on the last one.',
    ),
    401: problem('No API key'),
    422: problem('Invalid query parameter'),
  },
})

const retryRoute = createRoute({
  method: 'post',
  path: '/admin/stripe-events/{event_id}/retry',
  summary: 'Processes an event again now',
  request: { params: z.object({ event_id: visible }) },
  responses: {
    202: json(z.object({ event_id: z.string(), due: z.boolean() }), 'It is due'),
    401: problem('No API key'),
    404: problem('No such event'),
  },
})

export function addStripeEventRoutes(
  app: OpenAPIHono,
  { prisma, wakeProcessor }: { prisma: Tx; wakeProcessor: () => void },
): void {
  app.openapi(listRoute, async (c) => c.json(await listStripeEvents(prisma, c.req.valid('query')), 200))

  app.openapi(retryRoute, async (c) => {
    const { event_id } = c.req.valid('param')
    if (!(await retryStripeEvent(prisma, event_id)))
      throw new Problem(404, 'event_not_found', `No event ${event_id} was received here.`)
    wakeProcessor()
    return c.json({ event_id, due: true }, 202)
  })
}
