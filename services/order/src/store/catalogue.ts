import type { Money } from '@spawnpoint/contracts'
import { sql, type Transaction } from '@spawnpoint/database'
import { Problem } from '@spawnpoint/service-kit'
import { defaultPolicy, type Policy, policySchema } from '../rules/order/policy.ts'

export type Plan = {
  id: string
  name: string
  price: Money
  interval: 'month' | 'year' | null
  limits: Record<string, number>
  policy: Policy
  /** Stripe Prices (`price_…`) that pay for it, whatever they charge. */
  stripe_prices?: string[]
}

export type Catalogue = { plans: Map<string, Plan>; regions: Set<string> }

export const nothingForSale: Catalogue = { plans: new Map(), regions: new Set() }

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

export function requirePlan(catalogue: Catalogue, id: string): Plan {
  const plan = catalogue.plans.get(id)
  if (plan) return plan
  throw new Problem(422, 'unknown_plan', `There is no plan ${JSON.stringify(id)}; GET /plans lists them.`)
}

export function requireRegion(catalogue: Catalogue, id: string): void {
  if (!catalogue.regions.has(id))
    throw new Problem(
      422,
      'unknown_region',
      `There is no region ${JSON.stringify(id)}; GET /plans lists them.`,
    )
}
