import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { sql } from '@spawnpoint/database'
import { isOutage, type Nats } from '@spawnpoint/messaging'
import { createHttp, json, type Logger, Problem, problem } from '@spawnpoint/service-kit'
import type { Handler } from 'hono'
import type { PrismaClient } from '../generated/client.ts'
import { countPendingLookups } from '../store/lookups.ts'
import {
  countFailedPayments,
  listStripeEvents,
  retryStripeEvent,
  stripeEventOutcomes,
} from '../store/stripe-events.ts'
import { handledEventTypes } from '../stripe/parse/parse-event.ts'

type Options = {
  service: string
  apiKeys: Map<string, string>
  prisma: PrismaClient
  nats: Nats
  /** Why Stripe cannot be used; null when it can. */
  stripeProblem: () => Promise<string | null>
  /** Why somebody has to look after money that is to go back. */
  refundProblem: () => Promise<string | null>
  /** Why what Stripe has could not be compared. */
  backfillProblem: () => Promise<string | null>
  /** Why the stream may lose events. */
  streamTrouble: () => Promise<string | null>
  isStopping: () => boolean
  summary: () => Promise<Record<string, unknown>>
  receiveStripeWebhook: Handler
  wakeProcessor: () => void
  log: Logger
}

const webhookPath = '/webhooks/stripe'
const lateLookupMs = 60_000

export function createBillingHttp(options: Options): OpenAPIHono {
  const {
    service,
    apiKeys,
    prisma,
    nats,
    stripeProblem,
    refundProblem,
    backfillProblem,
    streamTrouble,
    isStopping,
    summary,
    wakeProcessor,
    log,
  } = options
  const app = createHttp({
    service,
    version: '0.1.0',
    apiKeys,
    // Stripe signs instead of carrying a key.
    openRoutes: [`POST ${webhookPath}`],
    maxBodyBytes: 1024 * 1024,
    // The journal has a bound of its own and answers faster than anything with a table to read.
    maxInFlight: 4_096,
    isOutage,
    checks: {
      database: async () => {
        await prisma.$queryRaw(sql`SELECT 1`)
        return null
      },
    },
    degrading: {
      nats: async () => (nats.isConnected() ? null : 'not connected: events wait in the outbox'),
      stripe: stripeProblem,
      refunds: refundProblem,
      catch_up: backfillProblem,
      stream: streamTrouble,
      journal: async () => {
        const failed = await countFailedPayments(prisma, handledEventTypes)
        return failed === 0
          ? null
          : `${failed} events of payments are not understood: GET /admin/stripe-events?outcome=failed`
      },
      looks: async () => {
        const { waiting, since } = await countPendingLookups(prisma)
        const isLate = since !== null && Date.now() - Date.parse(since) > lateLookupMs
        return isLate ? `${waiting} events wait since ${since} for Stripe to be asked` : null
      },
    },
    isStopping,
    summary,
    log,
  })

  app.post(webhookPath, options.receiveStripeWebhook)

  app.openapi(listRoute, async (c) => c.json(await listStripeEvents(prisma, c.req.valid('query')), 200))

  app.openapi(retryRoute, async (c) => {
    const { event_id } = c.req.valid('param')
    if (!(await retryStripeEvent(prisma, event_id)))
      throw new Problem(404, 'event_not_found', `No event ${event_id} was received here.`)
    wakeProcessor()
    return c.json({ event_id, due: true }, 202)
  })
  return app
}

const time = z.iso.datetime()
// What the journal's ids and types consist of.
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
    /** The id that it would be ours by, or `look:…` while Stripe is to be asked. */
    waiting_for: z.string().nullable(),
  })
  .openapi('StripeEvent')

const listRoute = createRoute({
  method: 'get',
  path: '/admin/stripe-events',
  summary: 'What Stripe sent, newest first, and what became of it',
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
    422: problem('A query parameter does not fit'),
  },
})

const retryRoute = createRoute({
  method: 'post',
  path: '/admin/stripe-events/{event_id}/retry',
  summary: 'Decides about an event again, now',
  request: { params: z.object({ event_id: visible }) },
  responses: {
    202: json(z.object({ event_id: z.string(), due: z.boolean() }), 'It is due'),
    401: problem('No API key'),
    404: problem('Never received'),
  },
})
