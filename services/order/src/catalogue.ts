import type { Money } from '@spawnpoint/contracts'
import { Problem } from '@spawnpoint/service-kit'
import { defaultPolicy, type Policy, policySchema } from './money/policy.ts'
import type { Tx } from './tx.ts'

export type Plan = {
  id: string
  name: string
  price: Money
  interval: 'month' | 'year' | null
  limits: Record<string, number>
  policy: Policy
}

export type Catalogue = { plans: Map<string, Plan>; regions: Set<string> }

export const nothingForSale: Catalogue = { plans: new Map(), regions: new Set() }

/** Everything that is for sale; a handful of rows. */
export async function readCatalogue(tx: Tx): Promise<Catalogue> {
  const plans = await tx.plan.findMany({ orderBy: { id: 'asc' } })
  const regions = await tx.region.findMany()
  return {
    plans: new Map(
      plans.map(({ id, name, amount, currency, interval, limits, policy }) => [
        id,
        {
          id,
          name,
          price: { amount: Number(amount), currency },
          interval: interval as 'month' | 'year' | null,
          limits: JSON.parse(limits) as Record<string, number>,
          policy: policy === null ? defaultPolicy : policySchema.parse(JSON.parse(policy)),
        },
      ]),
    ),
    regions: new Set(regions.map(({ id }) => id)),
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
