import type { Money } from '@spawnpoint/contracts'
import type { PrismaClient, Plan as Row } from '../generated/client.ts'
import type { Catalogue, Plan } from '../rules/order/catalogue.ts'
import { defaultPolicy, policySchema } from '../rules/order/policy.ts'
import type { Tx } from './tx.ts'

/** Everything that is for sale; a handful of rows. */
export async function readCatalogue(db: Tx): Promise<Catalogue> {
  const plans = await db.plan.findMany({ orderBy: { id: 'asc' } })
  const regions = await db.region.findMany()
  return {
    plans: new Map(plans.map((row) => [row.id, planOf(row)])),
    regions: new Set(regions.map(({ id }) => id)),
  }
}

function planOf({ id, name, amount, currency, interval, limits, policy, stripePrices }: Row): Plan {
  return {
    ...{ id, name, interval: interval as Plan['interval'] },
    price: { amount: Number(amount), currency },
    limits: JSON.parse(limits) as Record<string, number>,
    policy: policy === null ? defaultPolicy : policySchema.parse(JSON.parse(policy)),
    stripe_prices: stripePrices === null ? [] : (JSON.parse(stripePrices) as string[]),
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
