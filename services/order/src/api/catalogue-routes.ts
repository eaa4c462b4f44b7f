import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { body, json, Problem, problem } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import type { Catalogue } from '../rules/order/catalogue.ts'
import { defaultPolicy, policySchema, refusePolicy } from '../rules/order/policy.ts'
import { readCatalogue, readRegions, savePlan, saveRegion } from '../store/catalogue.ts'
import { nameSchema } from './order-request.ts'

const currencies = new Set(Intl.supportedValuesOf('currency').map((code) => code.toLowerCase()))

/** `amount` in minor units; `interval` null is paid once; `limits` are what the shop shows its buyers. */
const planSchema = z
  .strictObject({
    name: nameSchema,
    amount: z.number().int().nonnegative().max(99_999_999),
    currency: z.string().refine((code) => currencies.has(code), 'a lower-case ISO 4217 code'),
    interval: z.enum(['month', 'year']).nullable().default(null),
    limits: z.record(z.string(), z.number()).default({}),
    policy: policySchema.default(defaultPolicy),
    /** Prices of your own at Stripe that pay for this plan, such as one in another currency: no other plan may list them. */
    stripe_prices: z
      .array(z.string().regex(/^price_[A-Za-z0-9_]{1,180}$/, 'price_… as in the Stripe dashboard'))
      .max(100)
      .default([]),
  })
  .openapi('Plan')
const regionSchema = z.strictObject({ name: nameSchema }).openapi('Region')
const catalogueSchema = z
  .object({
    plans: z.array(planSchema.extend({ id: z.string() })),
    regions: z.array(regionSchema.extend({ id: z.string() })),
  })
  .openapi('Catalogue')

const problems = { 401: problem('No or a wrong API key'), 422: problem('The request does not fit') }
const id = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'lower-case letters, digits, . _ - (64 at most)')

const routes = {
  listPlans: createRoute({
    method: 'get',
    path: '/plans',
    responses: { 200: json(catalogueSchema, 'What is for sale, and where') },
  }),
  putPlan: createRoute({
    method: 'put',
    path: '/admin/plans/{id}',
    request: { params: z.object({ id }), body: body(planSchema) },
    responses: { 200: json(planSchema, 'The plan as it is now'), ...problems },
  }),
  putRegion: createRoute({
    method: 'put',
    path: '/admin/regions/{id}',
    request: { params: z.object({ id }), body: body(regionSchema) },
    responses: { 200: json(regionSchema, 'The region as it is now'), ...problems },
  }),
}

export function addCatalogueRoutes(app: OpenAPIHono, prisma: PrismaClient): void {
  app.openapi(routes.listPlans, async (c) => c.json(await listCatalogue(prisma), 200))
  app.openapi(routes.putPlan, async (c) =>
    c.json(await putPlan(prisma, c.req.valid('param').id, c.req.valid('json')), 200),
  )
  app.openapi(routes.putRegion, async (c) =>
    c.json(await putRegion(prisma, c.req.valid('param').id, c.req.valid('json')), 200),
  )
}

async function listCatalogue(prisma: PrismaClient): Promise<z.infer<typeof catalogueSchema>> {
  const { plans } = await readCatalogue(prisma)
  return {
    plans: [...plans.values()].map(({ price, stripe_prices = [], ...plan }) => ({
      ...plan,
      ...price,
      stripe_prices,
    })),
    regions: await readRegions(prisma),
  }
}

export async function putPlan(prisma: PrismaClient, id: string, plan: z.infer<typeof planSchema>) {
  const catalogue = await readCatalogue(prisma)
  const refused = refusePolicy(plan.policy, catalogue.regions)
  if (refused) throw new Problem(422, refused.code, refused.why)
  refuseListedElsewhere(catalogue, id, plan.stripe_prices)
  await savePlan(prisma, id, plan)
  return plan
}

export async function putRegion(prisma: PrismaClient, id: string, region: z.infer<typeof regionSchema>) {
  await saveRegion(prisma, id, region)
  return region
}

function refuseListedElsewhere({ plans }: Catalogue, id: string, prices: string[]): void {
  for (const plan of plans.values()) {
    const twice = plan.id === id ? undefined : prices.find((price) => plan.stripe_prices?.includes(price))
    if (twice)
      throw new Problem(
        409,
        'price_listed_elsewhere',
        `${twice} is listed under the plan ${plan.id}: a Price pays for one plan.`,
      )
  }
}
