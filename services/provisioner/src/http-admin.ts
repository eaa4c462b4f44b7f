import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { inTransaction, join, sql } from '@spawnpoint/database'
import { body, json, Problem, problem } from '@spawnpoint/service-kit'
import type { PrismaClient } from './generated/client.ts'
import { encryptSecret, type KeyRing } from './key-ring.ts'
import { planSpecOf, planSpecRow, planSpecSchema } from './plan-spec.ts'

const name = z.string().regex(/^[\x21-\x7e]{1,191}$/)

const nodeId = z.number().int().positive().max(2_147_483_647)
const node = z.strictObject({
  node_id: nodeId,
  /** How many times the share of a node of weight 1 it gets; 0 is a reserve, for when the others are full. */
  weight: z.number().int().min(0).max(1_000_000).default(1),
  enabled: z.boolean().default(true),
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
const secret = z.object({ name: z.string(), key_id: z.string(), updated_at: z.string() })

const putPlanSpec = createRoute({
  method: 'put',
  path: '/admin/plan-specs/{plan}',
  description: 'What a plan is on the panel.',
  request: { params: z.object({ plan: name }), body: body(planSpecSchema) },
  responses: { 200: json(planSpecSchema, 'As it is now') },
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

const putSecret = createRoute({
  method: 'put',
  path: '/admin/secrets/{name}',
  description: 'Kept encrypted and never given back. `panel_token` is the key for the panel.',
  request: {
    params: z.object({ name: z.string().regex(/^[\w.-]{1,64}$/) }),
    body: body(
      z.strictObject({
        value: z
          .string()
          .regex(/^[\x21-\x7e]{1,8192}$/, '1 to 8192 visible ASCII characters, as in a header'),
      }),
    ),
  },
  responses: { 200: json(secret, 'What is kept, without its value') },
})

const listSecrets = createRoute({
  method: 'get',
  path: '/admin/secrets',
  responses: { 200: json(z.object({ secrets: z.array(secret) }), 'All of them, without their values') },
})

/** What a seller sets once: plans, regions, credentials. */
export function addAdminRoutes(
  app: OpenAPIHono,
  { prisma, ring }: { prisma: PrismaClient; ring: KeyRing },
): void {
  app.openapi(putPlanSpec, async (c) => {
    const { plan } = c.req.valid('param')
    const spec = c.req.valid('json')
    const row = planSpecRow(spec)
    await prisma.planSpec.upsert({ where: { plan }, create: { plan, ...row }, update: row })
    return c.json(spec, 200)
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
    return c.json({ nodes }, 200)
  })

  app.openapi(putSecret, async (c) => {
    const { name } = c.req.valid('param')
    if (ring.length === 0)
      throw new Problem(
        409,
        'no_encryption_key',
        'Set SECRETS_KEYS (name:<32 bytes in base64>) to keep secrets.',
      )
    const row = { ...encryptSecret(ring, name, c.req.valid('json').value), updatedAt: new Date() }
    await prisma.secret.upsert({ where: { name }, create: { name, ...row }, update: row })
    return c.json({ name, key_id: row.keyId, updated_at: row.updatedAt.toISOString() }, 200)
  })

  app.openapi(listSecrets, async (c) => {
    const rows = await prisma.secret.findMany({ orderBy: { name: 'asc' } })
    const secrets = rows.map(({ name, keyId, updatedAt }) => ({
      name,
      key_id: keyId,
      updated_at: updatedAt.toISOString(),
    }))
    return c.json({ secrets }, 200)
  })
}

async function replaceRegionNodes(
  prisma: PrismaClient,
  region: string,
  nodes: z.output<typeof node>[],
): Promise<void> {
  const rows = nodes.map(
    ({ node_id, weight, enabled }) => sql`(${region}, ${node_id}, ${weight}, ${enabled})`,
  )
  await inTransaction(prisma, async (tx) => {
    await tx.$executeRaw(sql`DELETE FROM region_node_map WHERE region = ${region}`)
    if (rows.length > 0)
      await tx.$executeRaw(
        sql`INSERT INTO region_node_map (region, node_id, weight, enabled) VALUES ${join(rows)}`,
      )
  })
}
