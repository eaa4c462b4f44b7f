import type { InvoiceLine, Subscription, SubscriptionItem } from '@spawnpoint/contracts'
import { type Catalogue, nothingForSale, type Plan } from '../order/catalogue.ts'

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

type Charged = { lines: InvoiceLine[]; kind: 'first' | 'renewal' | 'change' }

/** The lines that may be the plan's: whole periods; of a first or a last period that is prorated, the prorated ones. */
function candidatesOf({ lines, kind }: Charged): InvoiceLine[] {
  const whole = lines.filter(({ proration }) => !proration)
  const prorated = kind === 'change' ? [] : lines.filter(({ proration, amount }) => proration && amount >= 0)
  return whole.length > 0 ? whole : prorated
}

/** Whether another line of it would be the plan's if the items of the subscription were others. */
export function mayChangePlanLine(charged: Charged, line: InvoiceLine | null, catalogue: Catalogue): boolean {
  if (line !== null && (charged.lines.length === 1 || byPrice(catalogue.plans, [line.price]) !== null))
    return false
  return candidatesOf(charged).length > 0
}

/**
 * The subscription with the item of the plan alone. Where the catalogue names another item than metadata does, the gateway, which
 * knows no catalogue, cannot tell whose period is paid: the invoices do.
 */
export function withPlanItemAlone(
  subscription: Subscription | null,
  catalogue: Catalogue,
): Subscription | null {
  const all = subscription?.items ?? []
  const item = planItemOf(all, catalogue)
  if (subscription === null || item === null || all.length < 2) return subscription
  const current_period_end = item.current_period_end ?? subscription.current_period_end
  const isSame = item === planItemOf(all, nothingForSale)
  const period = isSame ? {} : { paid_until: null, paid_from: null }
  return { ...subscription, current_period_end, items: [item], ...period }
}

/** The line of an invoice that charges a period of the plan. */
export function planLineOf(
  { lines, kind }: Charged,
  { catalogue, items }: { catalogue: Catalogue; items: SubscriptionItem[] | undefined },
): InvoiceLine | null {
  const item = planItemOf(items, catalogue)?.item ?? null
  const isAddOn = (line: InvoiceLine) =>
    item !== null && line.item !== item && items?.some((one) => one.item === line.item)
  const charged = candidatesOf({ lines, kind })
  const line =
    charged.find(({ price }) => byPrice(catalogue.plans, [price]) !== null) ??
    charged.find((line) => item !== null && line.item === item) ??
    charged.find(({ plan }) => plan !== null) ??
    charged.filter((line) => !isAddOn(line)).toSorted(latestBegun)[0]
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
