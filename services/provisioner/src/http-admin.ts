import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { inTransaction, join, sql } from '@spawnpoint/database'
import { body, json, Problem, problem } from '@spawnpoint/service-kit'
import { checkPlanSpec } from './check-plan-spec.ts'
import type { FindEgg } from './find-egg.ts'
import type { PrismaClient } from './generated/client.ts'
import { planSpecOf, planSpecRow, planSpecSchema } from './plan-spec.ts'

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
const regionNodes = z.object({ nodes: z.array(node) }).openapi('RegionNodes')
const newRegionNodes = z.strictObject({
  nodes: z
    .array(z.union([nodeId.transform((node_id) => node.parse({ node_id })), node]))
    .max(1_000)
    .refine(
      (nodes) => new Set(nodes.map(({ node_id }) => node_id)).size === nodes.length,
      'a node stands here twice',
    ),
})

const putPlanSpec = createRoute({
  method: 'put',
  path: '/admin/plan-specs/{plan}',
  description: 'What a plan is on the panel. `warnings` say what stands against selling it so.',
  request: { params: z.object({ plan: name }), body: body(planSpecSchema) },
  responses: {
    200: json(z.object({ ...planSpecSchema.shape, warnings: z.array(z.string()) }), 'As it is now'),
  },
})

const getPlanSpec = createRoute({
  method: 'get',
  path: '/admin/plan-specs/{plan}',
  request: { params: z.object({ plan: name }) },
  responses: {
    200: json(planSpecSchema, 'As it is now'),
    404: problem('No such plan'),
  },
})

const putRegionNodes = createRoute({
  method: 'put',
  path: '/admin/region-nodes/{region}',
  description:
    'On which nodes of the panel the servers of a region are placed, in proportion to weight and free room: all of them.',
  request: { params: z.object({ region: name }), body: body(newRegionNodes) },
  responses: { 200: json(regionNodes, 'As it is now') },
})

/** What a seller sets once: plans and regions. */
export function addAdminRoutes(
  app: OpenAPIHono,
  { prisma, findEgg, wakeWaiting }: { prisma: PrismaClient; findEgg: FindEgg; wakeWaiting: () => void },
): void {
  app.openapi(putPlanSpec, async (c) => {
    const { plan } = c.req.valid('param')
    const spec = c.req.valid('json')
    const row = planSpecRow(spec)
    await prisma.planSpec.upsert({ where: { plan }, create: { plan, ...row }, update: row })
    wakeWaiting()
    return c.json({ ...spec, warnings: await checkPlanSpec(findEgg, spec) }, 200)
  })

  app.openapi(getPlanSpec, async (c) => {
    const { plan } = c.req.valid('param')
    const row = await prisma.planSpec.findUnique({ where: { plan } })
    if (!row) throw new Problem(404, 'plan_unknown', `Nothing is set for the plan ${plan}.`)
    return c.json(planSpecOf(row), 200)
  })

  app.openapi(putRegionNodes, async (c) => {
    const { nodes } = c.req.valid('json')
    await replaceRegionNodes(prisma, c.req.valid('param').region, nodes)
    wakeWaiting()
    return c.json({ nodes }, 200)
  })
}

async function replaceRegionNodes(
  prisma: PrismaClient,
  region: string,
  nodes: z.output<typeof node>[],
): Promise<void> {
  const rows = nodes.map(
    ({ node_id, weight, enabled, cpu }) => sql`(${region}, ${node_id}, ${weight}, ${enabled}, ${cpu})`,
  )
  await inTransaction(prisma, async (tx) => {
    await tx.$executeRaw(sql`DELETE FROM region_node_map WHERE region = ${region}`)
    if (rows.length > 0)
      await tx.$executeRaw(
        sql`INSERT INTO region_node_map (region, node_id, weight, enabled, cpu) VALUES ${join(rows)}`,
      )
  })
}
