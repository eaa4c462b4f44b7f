import { z } from '@hono/zod-openapi'
import { Problem } from '@spawnpoint/service-kit'
import { defaultPolicy, policySchema } from '../rules/order/policy.ts'
import { readCatalogue } from '../store/catalogue.ts'
import type { PrismaClient } from '../generated/client.ts'
import { nameSchema } from './order-request.ts'

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
    /** Prices of your own at Stripe that pay for this plan, such as one in another currency: no other plan may list them. */
    stripe_prices: z
      .array(z.string().regex(/^price_[A-Za-z0-9_]{1,180}$/, 'price_… as in the Stripe dashboard'))
      .max(100)
      .default([]),
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
    plans: [...plans.values()].map(({ price, stripe_prices = [], ...plan }) => ({
      ...plan,
      ...price,
      stripe_prices,
    })),
    regions: await prisma.region.findMany({ orderBy: { id: 'asc' } }),
  }
}

export async function putPlan(prisma: PrismaClient, id: string, plan: z.infer<typeof planSchema>) {
  const { stripe_prices, ...columns } = plan
  await refuseListedElsewhere(prisma, id, stripe_prices)
  const row = {
    ...columns,
    limits: JSON.stringify(plan.limits),
    policy: JSON.stringify(plan.policy),
    stripePrices: JSON.stringify(stripe_prices),
  }
  await prisma.plan.upsert({ where: { id }, create: { id, ...row }, update: row })
  return plan
}

export async function putRegion(prisma: PrismaClient, id: string, region: z.infer<typeof regionSchema>) {
  await prisma.region.upsert({ where: { id }, create: { id, ...region }, update: region })
  return region
}

async function refuseListedElsewhere(prisma: PrismaClient, id: string, prices: string[]): Promise<void> {
  if (prices.length === 0) return
  const { plans } = await readCatalogue(prisma)
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
