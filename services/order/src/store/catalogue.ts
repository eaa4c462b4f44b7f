import type { Money } from '@spawnpoint/contracts'
import { sql, type Transaction } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import type { Catalogue, Plan } from '../rules/order/catalogue.ts'
import { defaultPolicy, policySchema } from '../rules/order/policy.ts'

type PlanRow = {
  id: string
  name: string
  amount: bigint
  currency: string
  interval: Plan['interval']
  limits: string
  policy: string | null
  stripe_prices: string | null
}

/** Everything that is for sale; a handful of rows. */
export async function readCatalogue(db: Transaction): Promise<Catalogue> {
  const plans = await db.$queryRaw<PlanRow[]>(
    sql`SELECT id, name, amount, currency, \`interval\`, limits, policy, stripe_prices FROM plans ORDER BY id`,
  )
  const regions = await db.$queryRaw<{ id: string }[]>(sql`SELECT id FROM regions`)
  return {
    plans: new Map(plans.map((row) => [row.id, planOf(row)])),
    regions: new Set(regions.map(({ id }) => id)),
  }
}

function planOf({ id, name, amount, currency, interval, limits, policy, stripe_prices }: PlanRow): Plan {
  return {
    ...{ id, name, interval },
    price: { amount: Number(amount), currency },
    limits: JSON.parse(limits) as Record<string, number>,
    policy: policy === null ? defaultPolicy : policySchema.parse(JSON.parse(policy)),
    stripe_prices: stripe_prices === null ? [] : (JSON.parse(stripe_prices) as string[]),
  }
}

export async function readRegions(prisma: PrismaClient): Promise<{ id: string; name: string }[]> {
  return await prisma.region.findMany({ orderBy: { id: 'asc' } })
}

type SavedPlan = Omit<Plan, 'id' | 'price' | 'stripe_prices'> & Money & { stripe_prices: string[] }

export async function savePlan(prisma: PrismaClient, id: string, plan: SavedPlan): Promise<void> {
  const { stripe_prices, ...columns } = plan
  const row = {
    ...columns,
    limits: JSON.stringify(plan.limits),
    policy: JSON.stringify(plan.policy),
    stripePrices: JSON.stringify(stripe_prices),
  }
  await prisma.plan.upsert({ where: { id }, create: { id, ...row }, update: row })
}

export async function saveRegion(prisma: PrismaClient, id: string, region: { name: string }): Promise<void> {
  await prisma.region.upsert({ where: { id }, create: { id, ...region }, update: region })
}
