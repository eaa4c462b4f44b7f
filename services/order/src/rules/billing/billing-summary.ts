import type { PaymentState, Subscription } from '@spawnpoint/contracts'
import type { Catalogue } from '../order/catalogue.ts'
import type { Order } from '../order/order.ts'
import { withPlanItemAlone } from './find-plan.ts'
import { replacementsOf, type Settled, settledByHand } from './made-by-hand.ts'
import { isOnTrial, type NonPayment, nonPaymentOf } from './non-payment.ts'
import { type PaidByAnother, paidByAnother } from './paid-by-another.ts'
import {
  isBeyond,
  isFullyRefunded,
  isOfPeriod,
  isPaid,
  isReturned,
  msOf,
  type Period,
  paidPeriod,
  periodOf,
} from './period.ts'
import { disputeOfAll, keptOf } from './taken-by-bank.ts'

export { msOf } from './period.ts'

/** The payments and the subscription that an order is billed by. Times in ms. */
export type BillingSummary = {
  payments: PaymentState[]
  /** Those of the subscriptions that it was billed by before: they paid for their time. */
  former: PaymentState[]
  subscription: Subscription | null
  /** The period that is paid. */
  paid: Period | null
  /** Until when it is paid; null for what is paid once. */
  paidUntil: number | null
  /** Those that pay for the present period. */
  present: PaymentState[]
  /** What pays for the present was refunded in full, and nothing was paid in its place. */
  isRefunded: boolean
  /** Other invoices of the subscription that were paid and may together stand for what was refunded, lost or returned. */
  replacements: PaymentState[]
  /** Renewals that are not paid, and the invoices that may stand for them. */
  settled: Settled | null
  /** Of all that pays for the present period: one that is over is contested in vain, and a part or a change leaves the rest. */
  dispute: PaymentState['dispute']
  /** Since when it is known to be lost. */
  lostSince: number
  /** Since when the refund is known. */
  refundedSince: number
  fraudWarning: string | null
  nonPayment: NonPayment | null
  paidByAnother: PaidByAnother
}

type Known = Pick<Order, 'money' | 'payment_id' | 'subscription_id' | 'suspended_at'>

export function summarizeBilling(order: Known, now: number, catalogue?: Catalogue): BillingSummary {
  const payments = order.money.payments.filter((payment) => isOurs(order, payment))
  const subscription = catalogue
    ? withPlanItemAlone(order.money.subscription, catalogue)
    : order.money.subscription
  const former = order.money.payments.filter((payment) => isFormer(order, payment))
  // What the one before has paid for runs on while the one after it has charged nothing yet.
  const paid = paidPeriod(payments, subscription) ?? paidPeriod(former.filter(isKept), null)
  const paidUntil = paid?.end ?? null
  const isAnyKnown = payments.some((payment) => isPaid(payment) && periodOf(payment) !== null)
  const present = payments.filter((payment) => isPresent(payment, { paidUntil, isAnyKnown }))
  const isTrial = subscription !== null && isOnTrial(subscription, now)
  // A later period that the bank took back is late; what went back of the one before it is past.
  const returned = payments.filter((payment) => isReturned(payment) && isBeyond(payment, paid))
  const isPast = returned.some((payment) => periodOf(payment) !== null)
  // A trial asks for nothing, whatever went back of the time before it.
  const wentBack = !isTrial && !isPast && isRefunded(present, msOf(subscription?.paid_until), paidUntil)
  const dispute = isTrial ? null : worstOf(present.filter(isOfPeriod))
  const isTaken = wentBack || dispute === 'lost' || returned.length > 0
  const replacements = isTaken ? replacementsOf(payments, [...present, ...returned]) : []
  const isReplaced = replacements.length > 0
  const settled = settledByHand(payments, { paid, others: replacements, now })
  const nonPayment = nonPaymentOf({
    payments: payments.filter((payment) => !settled?.renewals.includes(payment)),
    subscription,
    paidUntil: settled?.until ?? paidUntil,
    now,
    isReplaced,
    isSuspended: order.suspended_at !== null,
  })
  return {
    payments,
    former,
    subscription,
    paid,
    paidUntil,
    present,
    isRefunded: wentBack && !isReplaced,
    replacements,
    settled,
    dispute: dispute === 'lost' && isReplaced ? null : dispute,
    lostSince: msOf(order.money.lost_since) ?? now,
    refundedSince: msOf(order.money.refunded_since) ?? now,
    fraudWarning: payments.find(({ fraud_warning }) => fraud_warning !== null)?.fraud_warning ?? null,
    nonPayment,
    paidByAnother: paidByAnother(order),
  }
}

function isOurs({ payment_id, subscription_id }: Known, payment: PaymentState): boolean {
  if (payment.payment_id === payment_id) return true
  return payment.kind !== 'first' && subscription_id !== null && payment.subscription_id === subscription_id
}

function isFormer({ money, subscription_id }: Known, payment: PaymentState): boolean {
  const { former_payments: ids } = money
  if (ids === undefined) return false
  if (ids.includes(payment.payment_id)) return true
  const { subscription_id: id } = payment
  const isOfFormer = money.payments.some(
    (one) => ids.includes(one.payment_id) && one.subscription_id !== undefined && one.subscription_id === id,
  )
  return isOfFormer && id !== null && id !== subscription_id
}

function isKept(payment: PaymentState): boolean {
  const dispute = disputeOfAll(payment)
  return dispute !== 'open' && dispute !== 'lost' && !isFullyRefunded(payment)
}

function isPresent(
  payment: PaymentState,
  { paidUntil, isAnyKnown }: { paidUntil: number | null; isAnyKnown: boolean },
): boolean {
  if (!isPaid(payment)) return false
  const until = periodOf(payment)?.end ?? msOf(payment.prorated_until)
  if (until !== null) return until === paidUntil
  // Of a first period known by its session alone the end is known later.
  return paidUntil === null || (payment.kind === 'first' && !isAnyKnown)
}

// Not while a change within the period is paid, for not all of its money went back then. A period that the subscription alone
// knows of was not refunded.
function isRefunded(
  present: PaymentState[],
  subscriptionUntil: number | null,
  paidUntil: number | null,
): boolean {
  const periods = present.filter(isOfPeriod)
  // A first period that its session alone tells of is the present one, as long as there is no other.
  const isOfNow = (payment: PaymentState) => (periodOf(payment)?.end ?? paidUntil) === paidUntil
  if (!periods.some(isOfNow) && subscriptionUntil !== null) return false
  const charged = periods.filter(isOfNow)
  return charged.length > 0 && charged.every(isFullyRefunded) && !present.some(isKeptChange)
}

/** A change within the present period whose money the seller has. */
export function isKeptChange(payment: PaymentState): boolean {
  return !isOfPeriod(payment) && keptOf(payment) > 0
}

const badness = ['won', 'inquiry', 'open', 'lost'] as const

function worstOf(payments: PaymentState[]): PaymentState['dispute'] {
  const disputes = payments.map(disputeOfAll)
  return badness.findLast((one) => disputes.includes(one)) ?? null
}
