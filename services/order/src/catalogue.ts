import type { Money } from '@spawnpoint/contracts'
import type { Tx } from './orders.ts'

type Plan = {
  id: string
  name: string
  price: Money
  interval: 'month' | 'year' | null
  limits: Record<string, number>
}

export type Catalogue = { plans: Map<string, Plan>; regions: Set<string> }

/** Everything that is for sale; a handful of rows. */
export async function readCatalogue(tx: Tx): Promise<Catalogue> {
  const plans = await tx.plan.findMany({ orderBy: { id: 'asc' } })
  const regions = await tx.region.findMany()
  return {
    plans: new Map(
      plans.map(({ id, name, amount, currency, interval, limits }) => [
        id,
        {
          id,
          name,
          price: { amount: Number(amount), currency },
          interval: interval as 'month' | 'year' | null,
          limits: JSON.parse(limits) as Record<string, number>,
        },
      ]),
    ),
    regions: new Set(regions.map(({ id }) => id)),
  }
}
