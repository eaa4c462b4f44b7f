import type { PaymentState, Subscription } from '@spawnpoint/contracts'
import { nothingForSale } from '../order/catalogue.ts'
import { planItemOf } from './find-plan.ts'
import { hasEnded } from './has-ended.ts'
import { shiftByInterval } from './interval.ts'
import { isBeyond, isOfPeriod, isReturned, msOf, type Period, paidPeriod, periodOf } from './period.ts'

/**
 * What Stripe reports that means: it is not paid. Never that an event did not come, or that a period could not be read. `since` in
 * ms: from when on the grace counts. `isGivenUp`: Stripe no longer tries to collect it.
 */
export type NonPayment = { why: string; since: number; isGivenUp: boolean }

type Evidence = {
  payments: PaymentState[]
  subscription: Subscription | null
  /** The end of the period that is paid, in ms. */
  paidUntil: number | null
  now: number
  /** Another paid invoice may stand for what the bank returned. */
  isReplaced?: boolean
  isSuspended?: boolean
}

/** Null: nothing says that it is not paid. Each row of this decision stands in the README's table "What counts as late". */
export function nonPaymentOf(evidence: Evidence): NonPayment | null {
  const { subscription, paidUntil, now } = evidence
  if (subscription && isExempt(subscription, now)) return null
  const returned = returnedOf(evidence)
  if (returned) return returned
  const paid = paidPeriod(evidence.payments, subscription)
  const asked = evidence.payments.filter((payment) => isAskedFor(payment, paid))
  // A bank debit under way has neither failed nor paid.
  if (asked.some(({ processing }) => processing === true)) return null
  const isStatusOfNow = subscription !== null && !isPeriodPaid(subscription, paidUntil)
  return (isStatusOfNow ? ofStatus(evidence, subscription, asked) : null) ?? ofInvoices(evidence, asked)
}

/** Nobody is late during a trial, or while the seller does not collect; a subscription that has ended is another matter. */
function isExempt(subscription: Subscription, now: number): boolean {
  return hasEnded(subscription) || isOnTrial(subscription, now) || subscription.pause_collection != null
}

/** The event that ends a trial may be lost: after its end the status that was read before it says nothing. */
export function isOnTrial({ status, trial_end }: Subscription, now: number): boolean {
  return status === 'trialing' && (msOf(trial_end) ?? Number.POSITIVE_INFINITY) > now
}

// The direct debit of a change or of a one-off invoice is not that of a period.
function returnedOf({ payments, subscription, paidUntil, isReplaced }: Evidence): NonPayment | null {
  const paid = paidPeriod(payments, subscription)
  const returned = payments.filter(
    (payment) => isReturned(payment) && isOfPeriod(payment) && isBeyond(payment, paid),
  )
  if (returned.length === 0 || isReplaced) return null
  const times = returned.map(({ disputed_at }) => msOf(disputed_at) ?? 0)
  const since = Math.max(paidUntil ?? 0, ...times)
  return { why: 'The bank returned the direct debit: it is not paid.', since, isGivenUp: false }
}

function ofStatus(
  evidence: Evidence,
  { status, uncollectible, note }: Subscription,
  asked: PaymentState[],
): NonPayment | null {
  const since = owedSince(evidence, asked)
  const given = (why: string) => ({ why: note ?? why, since, isGivenUp: true })
  if (status === 'unpaid') return given('Stripe no longer tries to get the money of its renewal.')
  if (status === 'paused') return given('Its subscription is paused: no money is asked for.')
  if (uncollectible) return given('Stripe gave up the money of its renewal.')
  return status === 'past_due' ? { why: lateSentence(evidence, since), since, isGivenUp: false } : null
}

function ofInvoices(evidence: Evidence, asked: PaymentState[]): NonPayment | null {
  const { now, isSuspended = false } = evidence
  // What its server stands still for is not paid because Stripe gave it up; the subscription tells that a moment later.
  const failed = asked.some(({ status, invoice_status }) => {
    const isOpen =
      (invoice_status ?? 'open') === 'open' || (isSuspended && invoice_status === 'uncollectible')
    return status === 'failed' && isOpen
  })
  const isOverdue = asked.some(
    ({ due_at, invoice_status }) => invoice_status === 'open' && (msOf(due_at) ?? now) < now,
  )
  if (!failed && !isOverdue) return null
  const since = owedSince(evidence, asked)
  return { why: lateSentence(evidence, since), since, isGivenUp: false }
}

/** A renewal of a period that is not paid; what was voided is no longer asked for. */
export function isAskedFor(payment: PaymentState, paid: Period | null): boolean {
  const { kind, status, invoice_status } = payment
  if (kind !== 'renewal' || status === 'succeeded' || invoice_status === 'void') return false
  return isOfPeriod(payment) && isBeyond(payment, paid)
}

/** Nothing is owed for time that is paid, even if the invoice of another period asks for it again. */
function owedSince(evidence: Evidence, asked: PaymentState[]): number {
  const asOfInvoices = askedSince(asked) ?? begunAt(evidence) ?? evidence.now
  return Math.max(asOfInvoices, evidence.paidUntil ?? 0)
}

/**
 * What an open invoice asks for first: of one that was sent its due date, else where its period begins. Before it nothing is owed,
 * though it may not be paid either.
 */
function askedSince(asked: PaymentState[]): number | null {
  const times = asked.flatMap(({ due_at, paid_from, invoice_status }) => {
    const isOpen = (invoice_status ?? 'open') === 'open'
    return msOf(due_at) ?? (isOpen ? msOf(paid_from) : null) ?? []
  })
  return times.length === 0 ? null : Math.min(...times)
}

/** Where the unpaid time begins: at the end of what is paid, of a trial, or of a period whose invoice was voided. */
function begunAt({ payments, paidUntil, subscription, now }: Evidence): number | null {
  const trialEnd = msOf(subscription?.trial_end)
  const voided = payments.filter(
    ({ kind, invoice_status }) => kind === 'renewal' && invoice_status === 'void',
  )
  const settled = [
    ...(paidUntil === null ? [] : [paidUntil]),
    ...(trialEnd !== null && trialEnd <= now ? [trialEnd] : []),
    ...voided.flatMap((payment) => periodOf(payment)?.end ?? []),
  ]
  return settled.length > 0 ? Math.max(...settled) : subscription && runningSince(subscription)
}

/** Where the running period begins, from its end and its length. */
function runningSince({ items, current_period_end }: Subscription): number | null {
  const item = planItemOf(items, nothingForSale)
  const end = msOf(item?.current_period_end ?? current_period_end)
  if (end === null) return null
  return shiftByInterval(end, item ?? { interval: 'month', interval_count: 1 }, -1)
}

function lateSentence({ paidUntil }: Evidence, since: number): string {
  return `Its renewal of ${new Date(paidUntil ?? since).toISOString().slice(0, 10)} is not paid.`
}

/**
 * The running period is paid, whatever the status says: a payment was processed and what became of the subscription was not yet,
 * or only the invoice of a change is open. Stripe moves the period when it renews, before it collects.
 */
function isPeriodPaid({ items, current_period_end }: Subscription, paidUntil: number | null): boolean {
  const item = planItemOf(items, nothingForSale)
  const end = msOf(item?.current_period_end ?? current_period_end)
  return paidUntil !== null && end !== null && paidUntil >= end
}
