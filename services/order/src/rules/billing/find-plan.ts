import type { InvoiceLine, SubscriptionItem } from '@spawnpoint/contracts'
import type { Catalogue, Plan } from '../order/catalogue.ts'

/** The plan that a Stripe Price is listed under, else the one that metadata names: as written, or in other case. */
export function findPlan(
  { plans }: Catalogue,
  { prices, name }: { prices: (string | null)[]; name: string | null },
): Plan | null {
  return byPrice(plans, prices) ?? byName(plans, name)
}

function byPrice(plans: Catalogue['plans'], prices: (string | null)[]): Plan | null {
  for (const plan of plans.values()) if (prices.some((price) => isListed(plan, price))) return plan
  return null
}

export function byName<Item>(items: ReadonlyMap<string, Item>, name: string | null): Item | null {
  const wanted = name?.trim() ?? ''
  const found = items.get(wanted)
  if (found || wanted === '') return found ?? null
  const lower = wanted.toLowerCase()
  for (const [id, item] of items) if (id.toLowerCase() === lower) return item
  return null
}

/** The seller says so: whatever this Price charges, it pays for the plan. */
export function isListed({ stripe_prices = [] }: Pick<Plan, 'stripe_prices'>, price: string | null): boolean {
  return price !== null && stripe_prices.includes(price)
}

/** The item that stands for a plan: by its Price, by its metadata, or because there is no other. */
export function planItemOf(
  items: SubscriptionItem[] | undefined,
  catalogue: Catalogue,
): SubscriptionItem | null {
  const all = items ?? []
  const [only] = all
  return (
    all.find(({ price }) => byPrice(catalogue.plans, [price]) !== null) ??
    all.find(({ plan }) => plan !== null) ??
    (all.length === 1 ? (only ?? null) : null)
  )
}

/** The line of an invoice that charges a whole period of the plan; of a first period that is prorated, the prorated one. */
export function planLineOf(
  { lines, kind }: { lines: InvoiceLine[]; kind: 'first' | 'renewal' | 'change' },
  { catalogue, item }: { catalogue: Catalogue; item: string | null },
): InvoiceLine | null {
  const whole = lines.filter(({ proration }) => !proration)
  const prorated = kind === 'first' ? lines.filter(({ proration, amount }) => proration && amount >= 0) : []
  const charged = whole.length > 0 ? whole : prorated
  const line =
    charged.find(({ price }) => byPrice(catalogue.plans, [price]) !== null) ??
    charged.find((line) => item !== null && line.item === item) ??
    charged.find(({ plan }) => plan !== null) ??
    charged.toSorted(latestBegun)[0]
  return line ? withItsTiers(line, charged) : null
}

// Tiered prices have a line for each tier.
function withItsTiers(line: InvoiceLine, lines: InvoiceLine[]): InvoiceLine {
  const tiers = lines.filter(
    ({ item, price, start, end }) =>
      item !== null && item === line.item && price === line.price && start === line.start && end === line.end,
  )
  return tiers.length < 2 ? line : { ...line, amount: tiers.reduce((sum, { amount }) => sum + amount, 0) }
}

// Nobody can tell them apart: the one whose period ends first is sure to be paid until then.
function latestBegun(a: InvoiceLine, b: InvoiceLine): number {
  return compare(b.start ?? '', a.start ?? '') || compare(a.end ?? '', b.end ?? '')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
