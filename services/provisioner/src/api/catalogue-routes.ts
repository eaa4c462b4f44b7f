import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { body, json, Problem, problem } from '@spawnpoint/service-kit'
import { checkPlanSpec } from '../checks/check-plan-spec.ts'
import type { PrismaClient } from '../generated/client.ts'
import type { Panels } from '../panels/panels.ts'
import { newPlanSpecSchema, planSpecOf, planSpecRow, planSpecSchema } from '../rules/plan-spec.ts'
import { replaceRegion } from '../store/regions.ts'
import { panelField, panelIdSchema, requirePanel } from './panel-parameter.ts'

const name = z.string().regex(/^[\x21-\x7e]{1,191}$/)

const nodeId = z.number().int().positive().max(2_147_483_647)
const node = z.strictObject({
  node_id: nodeId,
  /** How many times the share of a node of weight 1 it gets; 0 is a reserve, for when the others are full. */
  weight: z.number().int().min(0).max(1_000_000).default(1),
  enabled: z.boolean().default(true),
  /** In percent of a core, how much cpu its servers may have together; as much as is sold when null. */
  cpu: z.number().int().min(0).max(2_147_483_647).nullable().default(null),
})
const regionNodes = z.object({ panel: z.string(), nodes: z.array(node) }).openapi('RegionNodes')
const newRegionNodes = z.strictObject({
  /** Which panel it is on from now on; servers that stand on another one stay there. */
  panel: panelField,
  nodes: z
    .array(z.union([nodeId.transform((node_id) => node.parse({ node_id })), node]))
    .max(1_000)
    .refine(
      (nodes) => new Set(nodes.map(({ node_id }) => node_id)).size === nodes.length,
      'a node stands here twice',
    ),
})

const shownSpec = z.object({ ...planSpecSchema.shape, panel: panelIdSchema })

const putPlanSpec = createRoute({
  method: 'put',
  path: '/admin/plan-specs/{plan}',
  description:
    'What a plan is on a panel, whose eggs have their own numbers. `warnings` say what stands against selling it so.',
  request: {
    params: z.object({ plan: name }),
    body: body(z.strictObject({ ...newPlanSpecSchema.shape, panel: panelField })),
  },
  responses: {
    200: json(z.object({ ...shownSpec.shape, warnings: z.array(z.string()) }), 'As it is now'),
    422: problem('The panel would refuse every server of it, or there is no such panel'),
  },
})

const getPlanSpec = createRoute({
  method: 'get',
  path: '/admin/plan-specs/{plan}',
  request: { params: z.object({ plan: name }), query: z.object({ panel: panelField }) },
  responses: {
    200: json(shownSpec, 'As it is now'),
    404: problem('No such plan'),
  },
})

const putRegionNodes = createRoute({
  method: 'put',
  path: '/admin/region-nodes/{region}',
  description:
    'On which panel, and on which of its nodes, the servers of a region are placed, in proportion to weight and free room: all of them.',
  request: { params: z.object({ region: name }), body: body(newRegionNodes) },
  responses: {
    200: json(regionNodes, 'As it is now'),
    422: problem('It does not fit, or there is no such panel'),
  },
})

/** What a seller sets once: plans and regions. */
export function addCatalogueRoutes(
  app: OpenAPIHono,
  { prisma, panels, wakeWaiting }: { prisma: PrismaClient; panels: Panels; wakeWaiting: () => void },
): void {
  app.openapi(putPlanSpec, async (c) => {
    const { plan } = c.req.valid('param')
    const { panel: panelId, ...spec } = c.req.valid('json')
    await requirePanel(panels, panelId)
    const { view } = await panels.get(panelId)
    const { defects, warnings } = await checkPlanSpec(view.readEgg, spec)
    refuseUnsellable(defects)
    const row = planSpecRow(spec)
    const plan_panelId = { plan, panelId }
    await prisma.planSpec.upsert({
      where: { plan_panelId },
      create: { ...plan_panelId, ...row },
      update: row,
    })
    wakeWaiting()
    return c.json({ ...spec, panel: panelId, warnings }, 200)
  })

  app.openapi(getPlanSpec, async (c) => {
    const { plan } = c.req.valid('param')
    const { panel: panelId } = c.req.valid('query')
    const row = await prisma.planSpec.findUnique({ where: { plan_panelId: { plan, panelId } } })
    if (!row)
      throw new Problem(404, 'plan_unknown', `Nothing is set for the plan ${plan} on the panel ${panelId}.`)
    return c.json({ ...planSpecOf(row), panel: panelId }, 200)
  })

  app.openapi(putRegionNodes, async (c) => {
    const { panel, nodes } = c.req.valid('json')
    await requirePanel(panels, panel)
    await replaceRegion(prisma, c.req.valid('param').region, { panel, nodes })
    wakeWaiting()
    return c.json({ panel, nodes }, 200)
  })
}

function refuseUnsellable(defects: { path: string; message: string }[]): void {
  if (defects.length === 0) return
  const message = `The panel would refuse every server of this plan: ${defects.map(({ message }) => message).join(' ')}`
  throw new Problem(422, 'plan_unsellable', message, { errors: defects })
}
