import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { driftKinds, driftStates } from '@spawnpoint/contracts'
import { json, Problem, problem } from '@spawnpoint/service-kit'
import { repairDrift } from '../drift/repair-drift.ts'
import { type SweepDeps, sweepAll } from '../drift/sweep-drifts.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import { classifyError } from '../pterodactyl/classify-error.ts'
import { changeDrift, listDrifts, showDrift } from '../store/drifts.ts'

const drift = z
  .object({
    drift_id: z.string(),
    panel: z.string(),
    version: z.number(),
    kind: z.enum(driftKinds),
    state: z.enum(driftStates),
    order_id: z.string().nullable(),
    ptero_server_id: z.number().nullable(),
    finding: z.string(),
    repair: z.string(),
  })
  .openapi('Drift')
const id = z.object({ id: z.uuid() })

const list = createRoute({
  method: 'get',
  path: '/admin/drifts',
  description:
    'Differences between the panel and the orders. Each describes its repair; only servers that we created and whose order has ended are repaired automatically.',
  request: {
    query: z.object({
      limit: z.coerce.number().int().min(1).max(100).default(20),
      starting_after: z.uuid().optional(),
      state: z.enum(driftStates).optional(),
    }),
  },
  responses: {
    200: json(
      z.object({ data: z.array(drift), has_more: z.boolean(), next_cursor: z.string().nullable() }),
      'One page',
    ),
  },
})

const sweep = createRoute({
  method: 'post',
  path: '/admin/drifts/sweep',
  description: 'Compares each panel with the orders now, instead of when it is due.',
  responses: {
    200: json(
      z.object({
        servers: z.number(),
        found: z.number(),
        told: z.number(),
        over: z.number(),
        moved: z.number(),
        away: z.array(z.object({ panel: z.string(), message: z.string() })).optional(),
      }),
      'How many servers were compared, how many drifts were found, are new and have ended, how many servers were moved on the panel (their new address is taken over), and which panels did not answer',
    ),
  },
})

const repair = createRoute({
  method: 'post',
  path: '/admin/drifts/{id}/repair',
  request: { params: id },
  responses: {
    202: json(drift, 'It is being repaired; a later sweep ends it'),
    404: problem('There is none'),
    409: problem('It has ended, or belongs to an order after all'),
  },
})

const ignore = createRoute({
  method: 'post',
  path: '/admin/drifts/{id}/ignore',
  description: 'It is reported again only when something else is found.',
  request: { params: id },
  responses: {
    200: json(drift, 'It is ignored'),
    404: problem('There is none'),
    409: problem('It has ended'),
  },
})

export function addDriftRoutes(app: OpenAPIHono, deps: SweepDeps): void {
  app.openapi(list, async (c) => c.json(await listDrifts(deps.prisma, c.req.valid('query')), 200))
  app.openapi(sweep, async (c) => c.json(await orPanelProblem(() => sweepAll(deps)), 200))
  app.openapi(repair, async (c) => {
    const which = { id: c.req.valid('param').id, by: c.get('apiKey') }
    const repaired = await orPanelProblem(() => repairDrift(deps, which))
    return c.json(showDrift(repaired), 202)
  })
  app.openapi(ignore, async (c) => {
    const { id } = c.req.valid('param')
    const ignored = await changeDrift(deps.prisma, id, { state: 'ignored', by: c.get('apiKey') })
    return c.json(showDrift(ignored), 200)
  })
}

/** A failure of the panel becomes 503, to be retried by the caller. */
async function orPanelProblem<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
    const { class: name, message } = classifyError(error)
    throw new Problem(503, name, `${message} Ask again.`)
  }
}
