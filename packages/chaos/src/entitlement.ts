import type { BillingRecord, InvoiceRecord } from './billing-records.ts'

/**
 * Whether a customer may expect a running server at a moment. `undecided`: legitimately in between, such as within the grace,
 * while a debit is under way or a dispute is open.
 */
export type Entitlement = { claim: 'entitled' | 'not-entitled' | 'undecided'; why: string }

type Terms = { now: number; graceDays: number }

const dayMs = 86_400_000
/** Until the next check of whoever looks after the servers. */
const checkMs = 0.25 * dayMs

/** Read from Stripe's objects alone, with rules of its own: it must not share a mistake with what it judges. */
export function entitlementOf(record: BillingRecord, { now, graceDays }: Terms): Entitlement {
  const { status, endedAt, isPaused, invoices } = record
  const after = (since: number, why: string): Entitlement =>
    now > since + checkMs ? { claim: 'not-entitled', why } : { claim: 'undecided', why: `Just now: ${why}` }
  if (status === 'canceled' || status === 'incomplete_expired') return after(endedAt ?? 0, 'It has ended')

  const paid = invoices.filter(isPaid).toSorted((a, b) => endOf(a) - endOf(b))
  const latest = paid.at(-1)
  if (!latest) return { claim: 'undecided', why: 'Nothing was paid yet' }
  const dispute = latest.charge?.dispute
  if (dispute?.state === 'open') return { claim: 'undecided', why: 'Its payment is disputed' }
  if (dispute?.state === 'lost') return { claim: 'not-entitled', why: 'The dispute of its payment was lost' }
  if (isRefunded(latest)) return { claim: 'not-entitled', why: 'Its payment was refunded' }
  if (dispute?.state === 'returned') {
    if (isPaused) return { claim: 'undecided', why: 'Paused, and its debit was returned' }
    const before = Math.max(0, ...paid.slice(0, -1).map(endOf))
    const since = Math.max(before, dispute.at) + graceDays * dayMs
    return after(since, 'Its direct debit was returned')
  }

  if (endOf(latest) > now) return { claim: 'entitled', why: `Paid until ${iso(endOf(latest))}` }
  if (isPaused) return { claim: 'entitled', why: 'Its collection is paused' }
  return unpaidEntitlement(record, { paidUntil: endOf(latest), now, graceDays, after })
}

function unpaidEntitlement(
  { status, invoices }: BillingRecord,
  {
    paidUntil,
    now,
    graceDays,
    after,
  }: Terms & { paidUntil: number; after: (since: number, why: string) => Entitlement },
): Entitlement {
  const asked = invoices.filter(({ period, status }) => status === 'open' && (period?.end ?? 0) > paidUntil)
  if (asked.some(({ charge }) => charge?.isProcessing))
    return { claim: 'undecided', why: 'Its debit is under way' }
  if (status === 'past_due' || status === 'unpaid')
    return after(paidUntil + graceDays * dayMs, `Paid until ${iso(paidUntil)}, and ${status}`)
  if (asked.length > 0 || now < paidUntil + checkMs) return { claim: 'undecided', why: 'It renews just now' }
  return { claim: 'entitled', why: 'Nothing says that it is not paid' }
}

/** Whole periods only: what a change costs comes on top of one. */
function isPaid({ status, period }: InvoiceRecord): boolean {
  return status === 'paid' && period !== null
}

function isRefunded({ charge }: InvoiceRecord): boolean {
  return charge !== null && charge.amount > 0 && charge.refunded >= charge.amount
}

function endOf({ period }: InvoiceRecord): number {
  return period?.end ?? 0
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
