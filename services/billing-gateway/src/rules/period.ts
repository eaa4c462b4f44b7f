import type { InvoiceLine, Payment } from '@spawnpoint/contracts'

/** The item of a subscription that stands for the plan, and its other ones. */
export type PlanItem = { item: string; addOns: string[] }

/** Times in ISO 8601 UTC; `start` is null for payments from before it was recorded. */
export type Period = { start: string | null; end: string }

type Charged = Pick<Payment, 'kind'> & {
  lines: InvoiceLine[] | null
  paid_from?: string | null
  period_end?: string | null
}
type Stored = Charged & Returned & Pick<Payment, 'status'>
type Returned = Pick<Payment, 'paid' | 'collected' | 'refunded' | 'returned' | 'returned_amount'>

/**
 * The period of the plan that a payment charges for: its own whole line, never a proration, a credit or an add-on. A first
 * period may be prorated as a whole, where the subscription is anchored to a later day, and so may the last one, where it ends within it.
 * Source: docs.stripe.com/billing/subscriptions/prorations, docs.stripe.com/billing/subscriptions/billing-cycle, the SDK's `cancel_at`.
 */
export function periodOf(
  { kind, lines, paid_from, period_end }: Charged,
  planItem: PlanItem | null,
): Period | null {
  if (!lines) return period_end ? { start: paid_from ?? null, end: period_end } : null
  const whole = lines.filter(({ proration }) => !proration)
  const prorated = kind === 'change' ? [] : lines.filter(({ proration, amount }) => proration && amount >= 0)
  return periodOfLines(ofPlan(whole.length > 0 ? whole : prorated, planItem))
}

// An item that was replaced is unknown by now; an add-on is known to be another one.
function ofPlan(lines: InvoiceLine[], planItem: PlanItem | null): InvoiceLine[] {
  const own = lines.filter(({ item }) => item !== null && item === planItem?.item)
  if (own.length > 0) return own
  const candidates = lines.filter(({ item }) => item === null || !planItem?.addOns.includes(item))
  const named = candidates.filter(({ plan }) => plan !== null)
  return named.length > 0 ? named : candidates
}

// Indistinguishable items: the period that ends first is certainly paid until then.
function periodOfLines(lines: InvoiceLine[]): Period | null {
  const periods = lines.flatMap(({ start, end }) => (end === null ? [] : [{ start, end }]))
  const [first] = periods.toSorted((a, b) => compare(b.start ?? '', a.start ?? '') || compare(a.end, b.end))
  return first ?? null
}

/** The bank returned all that was left of it; a part of a debit leaves the rest paid. */
export function isReturnedInWhole({
  paid,
  collected,
  refunded = 0,
  returned = false,
  returned_amount,
}: Returned): boolean {
  return returned && (returned_amount ?? paid.amount) >= (collected ?? paid.amount) - refunded
}

/** The paid period: the one that begins last, since a change may shorten what was paid before. */
export function paidPeriod(payments: Stored[], planItem: PlanItem | null): Period | null {
  const paid = payments.flatMap((payment) => {
    if (payment.status !== 'succeeded' || isReturnedInWhole(payment)) return []
    const period = periodOf(payment, planItem)
    return period === null ? [] : [{ ...period, isChange: payment.kind === 'change' }]
  })
  const [latest] = paid.toSorted(
    (a, b) =>
      compare(beginOf(b), beginOf(a)) || Number(b.isChange) - Number(a.isChange) || compare(b.end, a.end),
  )
  return latest ? { start: latest.start, end: latest.end } : null
}

const shortestPeriodMs = 86_400_000

// Without a known start it began at least this long before its end.
function beginOf({ start, end }: Period): string {
  return start ?? new Date(Date.parse(end) - shortestPeriodMs).toISOString()
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
