import type { Money } from '@spawnpoint/contracts'
import type { Policy } from './policy.ts'

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
