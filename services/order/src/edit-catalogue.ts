import { z } from '@hono/zod-openapi'
import { readCatalogue } from './catalogue.ts'
import type { PrismaClient } from './generated/client.ts'
import { defaultPolicy, policySchema } from './money/policy.ts'
import { nameSchema } from './placing/order-request.ts'

const currencies = new Set(Intl.supportedValuesOf('currency').map((code) => code.toLowerCase()))

/** `amount` in minor units; `interval` null is paid once; `limits` are what the shop shows its buyers. */
export const planSchema = z
  .strictObject({
    name: nameSchema,
    amount: z.number().int().nonnegative().max(99_999_999),
    currency: z.string().refine((code) => currencies.has(code), 'a lower-case ISO 4217 code'),
    interval: z.enum(['month', 'year']).nullable().default(null),
    limits: z.record(z.string(), z.number()).default({}),
    policy: policySchema.default(defaultPolicy),
  })
  .openapi('Plan')
export const regionSchema = z.strictObject({ name: nameSchema }).openapi('Region')
export const catalogueSchema = z
  .object({
    plans: z.array(planSchema.extend({ id: z.string() })),
    regions: z.array(regionSchema.extend({ id: z.string() })),
  })
  .openapi('Catalogue')

export async function listCatalogue(prisma: PrismaClient): Promise<z.infer<typeof catalogueSchema>> {
  const { plans } = await readCatalogue(prisma)
  return {
    plans: [...plans.values()].map(({ price, ...plan }) => ({ ...plan, ...price })),
    regions: await prisma.region.findMany({ orderBy: { id: 'asc' } }),
  }
}

export async function putPlan(prisma: PrismaClient, id: string, plan: z.infer<typeof planSchema>) {
  const row = { ...plan, limits: JSON.stringify(plan.limits), policy: JSON.stringify(plan.policy) }
  await prisma.plan.upsert({ where: { id }, create: { id, ...row }, update: row })
  return plan
}

export async function putRegion(prisma: PrismaClient, id: string, region: z.infer<typeof regionSchema>) {
  await prisma.region.upsert({ where: { id }, create: { id, ...region }, update: region })
  return region
}
