import type { PaymentStanding, Subscription } from '@spawnpoint/contracts'
import type { Order } from '../order.ts'

/** How the money stands that an order goes by. Times in ms. */
export type Account = {
  payments: PaymentStanding[]
  subscription: Subscription | null
  /** Until when it is paid; null for what is paid once. */
  paidUntil: number | null
  /** What pays for the present went back in full. */
  isRefunded: boolean
  dispute: PaymentStanding['dispute']
  fraudWarning: string | null
  /** It asks for a renewal that did not come. */
  failedRenewal: boolean
}

type Known = Pick<Order, 'money' | 'payment_id' | 'subscription_id'>

export function accountOf(order: Known, now: number): Account {
  const payments = order.money.payments.filter((payment) => isOurs(order, payment))
  const { subscription } = order.money
  const periods = periodsOf(payments.filter(hasCome))
  const paidUntil = latest([...payments.filter(hasCome).map(untilOf), msOf(subscription?.paid_until)])
  return {
    payments,
    subscription,
    paidUntil,
    isRefunded: isRefunded(periods, msOf(subscription?.paid_until)),
    dispute: worstOf(payments),
    fraudWarning: payments.find(({ fraud_warning }) => fraud_warning !== null)?.fraud_warning ?? null,
    failedRenewal: payments.some((payment) => isAskedFor(payment, { paidUntil, now })),
  }
}

export function isFullyRefunded({ paid, refunded }: PaymentStanding): boolean {
  return paid.amount > 0 && refunded >= paid.amount
}

export function msOf(time: string | null | undefined): number | null {
  return time ? Date.parse(time) : null
}

function isOurs({ payment_id, subscription_id }: Known, payment: PaymentStanding): boolean {
  if (payment.payment_id === payment_id) return true
  return payment.kind !== 'first' && subscription_id !== null && payment.subscription_id === subscription_id
}

// A change is paid on top of a period, or, from months to years, begins a longer one.
function periodsOf(come: PaymentStanding[]): PaymentStanding[] {
  const until = latest(come.filter(({ kind }) => kind !== 'change').map(untilOf))
  return come.filter(
    (payment) => payment.kind !== 'change' || (untilOf(payment) ?? 0) > (until ?? Number.POSITIVE_INFINITY),
  )
}

// A later period that is paid for makes good for what went back of an earlier one.
function isRefunded(periods: PaymentStanding[], subscriptionUntil: number | null): boolean {
  const until = latest(periods.map(untilOf))
  if ((subscriptionUntil ?? 0) > (until ?? 0)) return false
  const present = periods.filter((payment) => untilOf(payment) === until)
  return present.length > 0 && present.every(isFullyRefunded)
}

const badness = ['won', 'inquiry', 'open', 'lost'] as const

function worstOf(payments: PaymentStanding[]): PaymentStanding['dispute'] {
  const disputes = payments.map(({ dispute }) => dispute)
  return badness.findLast((one) => disputes.includes(one)) ?? null
}

function isAskedFor(
  { kind, status, paid_until }: PaymentStanding,
  { paidUntil, now }: { paidUntil: number | null; now: number },
): boolean {
  if (kind !== 'renewal' || status !== 'failed') return false
  return (msOf(paid_until) ?? now) > (paidUntil ?? 0)
}

function hasCome({ status }: PaymentStanding): boolean {
  return status === 'succeeded'
}

function untilOf({ paid_until }: PaymentStanding): number | null {
  return msOf(paid_until)
}

function latest(times: (number | null)[]): number | null {
  return times.reduce((a, b) => (a === null || (b !== null && b > a) ? b : a), null)
}
