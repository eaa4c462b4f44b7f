import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { discrepancyKinds, discrepancyStates } from '@spawnpoint/contracts'
import { RequestRefused } from '@spawnpoint/messaging'
import { body, json, Problem, problem } from '@spawnpoint/service-kit'
import type { ReconcileDeps } from '../reconciliation/extent.ts'
import { reconcile } from '../reconciliation/reconcile.ts'
import { repairDiscrepancy } from '../reconciliation/repair-discrepancy.ts'
import type { RepairDeps } from '../reconciliation/repairs.ts'
import { changeDiscrepancy, discrepancyOf, listDiscrepancies } from '../store/discrepancies.ts'

const discrepancy = z
  .object({
    difference_id: z.string(),
    version: z.number(),
    kind: z.enum(discrepancyKinds),
    state: z.enum(discrepancyStates),
    order_id: z.string().nullable(),
    payment_id: z.string().nullable(),
    finding: z.string(),
    repair: z.string(),
    confirmation: z.string().nullable(),
  })
  .openapi('Difference')
const id = z.object({ id: z.uuid() })

const list = createRoute({
  method: 'get',
  path: '/admin/differences',
  description: 'In what Stripe, the orders and the panel do not agree, and what the repair of each would do.',
  request: {
    query: z.object({
      limit: z.coerce.number().int().min(1).max(100).default(20),
      starting_after: z.uuid().optional(),
      state: z.enum(discrepancyStates).optional(),
    }),
  },
  responses: {
    200: json(
      z.object({ data: z.array(discrepancy), has_more: z.boolean(), next_cursor: z.string().nullable() }),
      'One page',
    ),
  },
})

const reconcileNow = createRoute({
  method: 'post',
  path: '/admin/reconcile',
  description:
    'Compares payments, orders and servers now, instead of when that is due. What changed within the last minute is not compared.',
  responses: {
    503: problem('The gateway or the provisioner does not answer: retry the same request'),
    200: json(
      z.object({
        payments: z.number(),
        subscriptions: z.number(),
        orders: z.number(),
        found: z.number(),
        told: z.number(),
        over: z.number(),
      }),
      'How many of each were compared, how many discrepancies there are, how many of them are new, and how many are over',
    ),
  },
})

const repair = createRoute({
  method: 'post',
  path: '/admin/differences/{id}/repair',
  request: { params: id, body: body(z.strictObject({ confirm: z.string().max(500).optional() })) },
  responses: {
    202: json(discrepancy, 'It is being repaired; a later reconciliation resolves it'),
    404: problem('No such discrepancy'),
    409: problem('It is resolved already, or has to be confirmed: `detail` says with which words'),
    503: problem('The gateway or the provisioner does not answer: retry the same request'),
  },
})

const ignore = createRoute({
  method: 'post',
  path: '/admin/differences/{id}/ignore',
  description: 'It is published again only when something else is found.',
  request: { params: id },
  responses: {
    200: json(discrepancy, 'It is ignored'),
    404: problem('No such discrepancy'),
    409: problem('It is resolved already'),
  },
})

export function addDiscrepancyRoutes(app: OpenAPIHono, deps: ReconcileDeps & RepairDeps): void {
  app.openapi(list, async (c) => c.json(await listDiscrepancies(deps.prisma, c.req.valid('query')), 200))
  app.openapi(reconcileNow, async (c) => {
    const reconciled = await reconcile(deps).catch(asProblem)
    deps.wake()
    return c.json(reconciled, 200)
  })
  app.openapi(repair, async (c) => {
    const { confirm } = c.req.valid('json')
    const { id } = c.req.valid('param')
    const repaired = await repairDiscrepancy(deps, { id, by: c.get('apiKey'), confirm }).catch(asProblem)
    return c.json(discrepancyOf(repaired), 202)
  })
  app.openapi(ignore, async (c) => {
    const { id } = c.req.valid('param')
    const row = await changeDiscrepancy(deps.prisma, id, { state: 'ignored', by: c.get('apiKey') })
    return c.json(discrepancyOf(row), 200)
  })
}

function asProblem(error: unknown): never {
  if (!(error instanceof RequestRefused)) throw error
  throw new Problem(
    503,
    'neighbour_away',
    `The gateway or the provisioner did not answer (${error.code}: ${error.message}). Nothing was changed: retry the same request in a few seconds.`,
    { retryAfterSeconds: 5 },
  )
}
