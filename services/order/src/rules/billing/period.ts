import type { PaymentState, Subscription } from '@spawnpoint/contracts'

/** A period that is paid or asked for, in ms. `start` is null where nobody recorded it. */
export type Period = { start: number | null; end: number }

const shortestPeriodMs = 86_400_000

export function msOf(time: string | null | undefined): number | null {
  return time ? Date.parse(time) : null
}

/** The period of the plan that a payment charges for, paid or not. */
export function periodOf({ paid_from, paid_until }: PaymentState): Period | null {
  const end = msOf(paid_until)
  return end === null ? null : { start: msOf(paid_from), end }
}

/** It pays for a period of the plan: neither for a change within one, nor for an add-on that is charged by itself. */
export function isOfPeriod(payment: PaymentState): boolean {
  if (periodOf(payment) !== null || payment.kind === 'first') return true
  return payment.kind === 'renewal' && (payment.lines ?? []).length === 0
}

/**
 * The period that is paid: the one that begins last, for a change of plan may end earlier what was paid before. The
 * subscription may know one whose payment was not processed yet.
 */
export function paidPeriod(payments: PaymentState[], subscription: Subscription | null): Period | null {
  const returned = payments.filter(isReturned).map(({ paid_until }) => paid_until)
  const ofPayments = payments.filter(isPaid).flatMap((payment) => {
    const period = periodOf(payment)
    return period ? [{ ...period, isChange: payment.kind === 'change' }] : []
  })
  const { paid_from = null, paid_until = null } = subscription ?? {}
  const end = msOf(paid_until)
  const ofSubscription =
    end === null || returned.includes(paid_until) ? [] : [{ start: msOf(paid_from), end, isChange: false }]
  // A change ends what was paid for at the same moment, as the gateway has it.
  const [latest] = [...ofPayments, ...ofSubscription].toSorted(
    (a, b) => beginOf(b) - beginOf(a) || Number(b.isChange) - Number(a.isChange) || b.end - a.end,
  )
  return latest ? { start: latest.start, end: latest.end } : null
}

/** It came in, and the bank did not send it back. */
export function isPaid(payment: PaymentState): boolean {
  return payment.status === 'succeeded' && !isReturned(payment)
}

/** The bank sent back all that was left of it: of a part that came back the rest still pays. */
export function isReturned(payment: PaymentState): boolean {
  const { returned, returned_amount, refunded } = payment
  if (returned !== true) return false
  return returned_amount == null || returned_amount >= chargedOf(payment) - refunded
}

/** In minor units: what came from the customer's balance was not charged. */
export function chargedOf({ collected, paid }: Pick<PaymentState, 'collected' | 'paid'>): number {
  return collected ?? paid.amount
}

/** All that was charged went back: what came from the customer's balance never was. */
export function isFullyRefunded(payment: PaymentState): boolean {
  const charged = chargedOf(payment)
  return charged > 0 && payment.refunded >= charged
}

/** The period of a payment goes on after what is paid; none that a later one has replaced, whatever it ends. */
export function isBeyond(payment: PaymentState, paid: Period | null): boolean {
  const period = periodOf(payment)
  const end = period?.end ?? msOf(payment.prorated_until)
  if (end === null || paid === null) return true
  const start = period?.start ?? null
  return end > paid.end && (start === null || start >= (paid.start ?? 0))
}

// Without a known start it began some time before its end.
function beginOf({ start, end }: Period): number {
  return start ?? end - shortestPeriodMs
}
