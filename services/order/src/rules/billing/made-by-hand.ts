import type { PaymentState } from '@spawnpoint/contracts'
import { isAskedFor } from './non-payment.ts'
import { chargedOf, isOfPeriod, isPaid, msOf, type Period, periodOf } from './period.ts'
import { keptOf } from './taken-by-bank.ts'

// Invoices that a seller makes by hand and has paid: their lines do not tell what for.

/** Renewals that are not paid, what was paid by hand since the first of them began, and until when that is enough, in ms. */
export type Settled = { renewals: PaymentState[]; by: PaymentState[]; until: number }

/**
 * What was refunded, lost or returned may be paid anew. One that was paid before the period itself, as a set-up fee is, stands for
 * nothing.
 */
export function replacementsOf(payments: PaymentState[], taken: PaymentState[]): PaymentState[] {
  const price = Math.max(...taken.filter(isOfPeriod).map(priceOf))
  const since = taken.filter(isOfPeriod).flatMap(({ paid_at }) => msOf(paid_at) ?? [])
  const paidAnew = paidByHand(payments, Math.max(0, ...since))
  return sumOf(paidAnew) >= price ? paidAnew : []
}

/** A renewal that fails may be paid so too: the first ones, as far as that money reaches. */
export function settledByHand(
  payments: PaymentState[],
  { paid, others, now }: { paid: Period | null; others: PaymentState[]; now: number },
): Settled | null {
  const asked = payments
    .filter((payment) => isAskedFor(payment, paid) && isLate(payment, now))
    .toSorted((a, b) => startOf(a) - startOf(b))
  const [first] = asked
  if (!first) return null
  const by = paidByHand(payments, startOf(first)).filter((payment) => !others.includes(payment))
  let left = sumOf(by)
  const renewals: PaymentState[] = []
  for (const payment of asked) {
    left -= priceOf(payment)
    if (left < 0) break
    renewals.push(payment)
  }
  const ends = renewals.flatMap((payment) => periodOf(payment)?.end ?? [])
  return ends.length === 0 ? null : { renewals, by, until: Math.max(...ends) }
}

function paidByHand(payments: PaymentState[], since: number): PaymentState[] {
  return payments.filter(
    (payment) =>
      payment.kind === 'change' &&
      isPaid(payment) &&
      periodOf(payment) === null &&
      (payment.prorated_until ?? null) === null &&
      (msOf(payment.paid_at) ?? Number.POSITIVE_INFINITY) > since &&
      worthOf(payment) > 0,
  )
}

function sumOf(payments: PaymentState[]): number {
  return payments.reduce((total, payment) => total + worthOf(payment), 0)
}

function worthOf(payment: PaymentState): number {
  return payment.paid.amount - (chargedOf(payment) - keptOf(payment))
}

function priceOf({ plan_line, paid }: PaymentState): number {
  return plan_line?.amount ?? paid.amount
}

function isLate({ status, due_at }: PaymentState, now: number): boolean {
  return status === 'failed' || (msOf(due_at) ?? now) < now
}

// Where nobody recorded it, nothing is known to have been paid since.
function startOf(payment: PaymentState): number {
  return periodOf(payment)?.start ?? Number.POSITIVE_INFINITY
}
